export { quantiles, type QuantilesOptions } from './quantiles/quantiles.ts';
export type { Quantiles } from './quantiles/sketch.ts';
