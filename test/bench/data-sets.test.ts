import { describe, expect, it } from 'vitest';
import { dataSets } from '../../bench/data/data-sets.ts';
import { digestOf } from '../../bench/data/digest.ts';
import { mix } from '../../bench/data/random.ts';

/** What the Java twin of the generators prints for 20,000 records over 4 partitions. */
const expected = `
{"dataset":"events","records":20000,"valueBytes":6648538,"timestampSum":150454378,"perPartition":[5024,4923,5112,4941],"checksum":"f85038aa25dd4159"}
{"dataset":"events-slow","records":20000,"valueBytes":6648255,"timestampSum":9395678828,"perPartition":[4995,4992,5024,4989],"checksum":"6bca8773e4ff6244"}
{"dataset":"simple","records":20000,"valueBytes":2000000,"timestampSum":199990000,"perPartition":[4971,5065,5020,4944],"checksum":"080d0d9560ea1435"}
{"dataset":"users","records":20000,"valueBytes":2077823,"timestampSum":-71800010000,"perPartition":[5052,4998,4995,4955],"checksum":"cdbec8e5c46cae5c"}
{"dataset":"orders","records":20000,"valueBytes":2717863,"timestampSum":399980000,"perPartition":[4963,4963,5036,5038],"checksum":"d19136765c81156e"}
{"dataset":"payments","records":20000,"valueBytes":1662828,"timestampSum":400000000,"perPartition":[5005,4878,5037,5080],"checksum":"ef9f459f9ff32868"}
`
  .trim()
  .split('\n');

describe('data sets', () => {
  it.each(dataSets.map((dataSet, index) => [dataSet.name, dataSet, expected[index]] as const))(
    '%s equals its twin byte for byte',
    (_name, dataSet, digest) => {
      expect(JSON.stringify(digestOf(dataSet, 20_000, 4))).toBe(digest);
    },
  );

  it('the mixing function is murmur3’s finaliser', () => {
    expect([0, 1, 0xffffffff].map(mix)).toEqual([0, 0x514e28b7, 0x81f16f39]);
  });
});
