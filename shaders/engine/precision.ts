/** In which numbers the network is stored and computed. Sums are f32 always. */

export interface Precision {
  readonly name: 'f32' | 'f16-storage' | 'f16';
  /** Of the tensors between kernels, and of the convolutions' weights. */
  readonly stored: 'f32' | 'f16';
  /** Of a product of four inputs with four weights, before it is added to the sum. */
  readonly product: 'f32' | 'f16';
}

export const F32: Precision = { name: 'f32', stored: 'f32', product: 'f32' };
/** Half the memory traffic; wants `shader-f16`. */
export const F16_STORAGE: Precision = { name: 'f16-storage', stored: 'f16', product: 'f32' };
/** Twice the rate where the hardware has packed f16; wants `shader-f16`. */
export const F16: Precision = { name: 'f16', stored: 'f16', product: 'f16' };

export const bytesOf = (type: 'f32' | 'f16'): number => (type === 'f16' ? 2 : 4);

/** The lines that every kernel of the network begins with. */
export function precisionText({ stored, product }: Precision): string {
  // Term by term, so that each becomes one fused multiplication and addition.
  const sum =
    product === 'f16' ? 'a + vec4f(m * v)' : 'a + m[0] * v.x + m[1] * v.y + m[2] * v.z + m[3] * v.w';
  return [
    ...(stored === 'f16' ? ['enable f16;'] : []),
    `alias Stored = vec4<${stored}>;`,
    `alias StoredMatrix = mat4x4<${stored}>;`,
    `alias Quad = vec4<${product}>;`,
    `alias Matrix = mat4x4<${product}>;`,
    `fn added(a: vec4f, m: Matrix, v: Quad) -> vec4f { return ${sum}; }`,
  ].join('\n');
}
