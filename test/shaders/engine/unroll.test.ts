/** Loops of a kernel are written out before the driver sees it. */
import { describe, expect, it } from 'vitest';
import { unrolled } from '../../../shaders/engine/unroll.ts';

describe('a kernel with loops to be written out', () => {
  it('repeats lines once for each turn, the inner loop inside the outer', () => {
    const text = '//#for y 2\n//#for x COUNT\na{{y}}_{{x}} = b{{COUNT*y+x}};\n//#end\n//#end\nrest';
    expect(unrolled(text, { COUNT: 2 }).split('\n')).toEqual([
      'a0_0 = b0;',
      'a0_1 = b1;',
      'a1_0 = b2;',
      'a1_1 = b3;',
      'rest',
    ]);
  });

  it('counts with sums, differences and products', () => {
    expect(unrolled('{{A*B-B+3}} {{2*A-1}} {{A}}', { A: 4, B: 2 })).toBe('9 7 4');
  });

  it('puts texts in as they are', () => {
    expect(unrolled('f({{ARGUMENTS}})', { ARGUMENTS: 'a, b - 1' })).toBe('f(a, b - 1)');
  });

  it('leaves out what is repeated no times', () => {
    expect(unrolled('//#for x N\nnever\n//#end\nrest', { N: 0 })).toBe('rest');
  });

  it('refuses a name that it was not given, and a loop without an end', () => {
    expect(() => unrolled('{{WIDTH}}', {})).toThrow('{{WIDTH}} is neither a whole number nor a parameter');
    expect(() => unrolled('//#for x 2\nline', {})).toThrow('//#for x 2 has no end');
  });
});
