import { expect, it } from 'vitest';
import { Encoders } from '../../server/encoders.ts';

it('has a place for so many cameras, and for another when one is done', () => {
  const encoders = new Encoders(2);
  const [quay, gate, pier] = [encoders.forCamera(), encoders.forCamera(), encoders.forCamera()];
  quay();
  const second = gate();
  expect(pier).toThrow('H.264 of 2 cameras already');
  second[Symbol.dispose]();
  pier();
  expect(gate).toThrow();
});

it('gives both streams of a camera one place, until the last of them is done', () => {
  const encoders = new Encoders(1);
  const [quay, gate] = [encoders.forCamera(), encoders.forCamera()];
  const [sub, main] = [quay(), quay()];
  sub[Symbol.dispose]();
  expect(gate).toThrow('H.264 of one camera already');
  main[Symbol.dispose]();
  gate();
});
