/** Dispatches `temporal-filter.wgsl`: averages noise away over time, between the colour conversion and the network. */
import type { ColorConversionTarget } from './color-conversion.ts';
import type { ShaderSource } from './shader-source.ts';
import { TEMPORAL_FILTER } from './temporal-filter.reference.ts';

export interface TemporalFilter extends Disposable {
  /** Of all its buffers: 40 a pixel. */
  readonly bytes: number;
  /**
   * Adds the commands that filter the tensor in place, once a frame, in the frames' order. `mix` is the frame's `fusion_mix`: 1, at a
   * start or a jump, leaves the frame as it is and forgets those before. A cut in the picture needs no telling.
   */
  encode(encoder: GPUCommandEncoder, mix: number): void;
}

/**
 * Compiles the kernel for one size and one tensor, which also needs usage COPY_DST; dispose destroys its buffers. Nothing is allocated
 * per frame. Rejects with a `GPUPipelineError` where the driver refuses the kernel.
 */
export async function openTemporalFilter(
  device: GPUDevice,
  shaders: ShaderSource,
  { width, height, tensor }: ColorConversionTarget,
): Promise<TemporalFilter> {
  const module = device.createShaderModule({ code: shaders('temporal-filter') });
  const pipeline = await device.createComputePipelineAsync({
    label: 'temporal-filter',
    layout: 'auto',
    compute: { module, constants: { width, height, ...TEMPORAL_FILTER } },
  });
  const plane = 4 * width * height;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const histories = ['even frames', 'odd frames'].map((label) =>
    device.createBuffer({ label, size: 5 * plane, usage }),
  );
  const restarts = [0, 1].map((restart) => {
    const buffer = device.createBuffer({ size: 4, usage: GPUBufferUsage.UNIFORM, mappedAtCreation: true });
    new Uint32Array(buffer.getMappedRange()).set([restart]);
    buffer.unmap();
    return buffer;
  });
  const bindings = histories.map((before, frame) =>
    restarts.map((restart) =>
      device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: [tensor, before, histories[1 - frame]!, restart].map((buffer, binding) => ({
          binding,
          resource: { buffer },
        })),
      }),
    ),
  );
  let frame = 0;
  let started = false;
  return {
    bytes: 10 * plane + 8,
    encode(encoder, mix) {
      const restart = mix === 1 || !started ? 1 : 0;
      started = true;
      const pass = encoder.beginComputePass({ label: 'temporal-filter' });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings[frame]![restart]!);
      pass.dispatchWorkgroups(Math.ceil(width / 8), Math.ceil(height / 8));
      pass.end();
      frame = 1 - frame;
      encoder.copyBufferToBuffer(histories[frame]!, 0, tensor, 0, 3 * plane);
    },
    [Symbol.dispose]() {
      for (const buffer of [...histories, ...restarts]) buffer.destroy();
    },
  };
}
