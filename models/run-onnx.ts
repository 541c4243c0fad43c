/** Runs an ONNX file on cases from standard input in onnxruntime-web's WASM engine, so that the export can compare. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';

interface PackedTensor {
  readonly shape: number[];
  /** f32 little-endian, base64. */
  readonly data: string;
}

function unpack({ shape, data }: PackedTensor): Tensor {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return new Tensor('float32', new Float32Array(bytes.buffer), shape);
}

function pack(tensor: Tensor): PackedTensor {
  const values = tensor.data as Float32Array;
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return { shape: [...tensor.dims], data: bytes.toString('base64') };
}

env.wasm.numThreads = 1;
const modelPath = process.argv[2];
if (modelPath === undefined)
  throw new Error('expected: node --import tsx models/run-onnx.ts model.onnx < cases.json');
const session = await InferenceSession.create(await readFile(modelPath));
const cases = JSON.parse(await text(process.stdin)) as Record<string, PackedTensor>[];
const answers: Record<string, PackedTensor>[] = [];
for (const inputs of cases) {
  const outputs = await session.run(
    Object.fromEntries(Object.entries(inputs).map(([name, packed]) => [name, unpack(packed)])),
  );
  answers.push(Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, pack(tensor)])));
}
process.stdout.write(JSON.stringify(answers));
