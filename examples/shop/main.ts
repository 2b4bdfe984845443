import { playShop } from './play-shop.ts';

await playShop((line) => {
  process.stdout.write(`${line}\n`);
});
