/** Opens the GPU the page computes and draws on, if there is one worth using. */
import { WrongNumbers } from '../../shaders/engine/tune.ts';
import { openFrameCopy } from '../../shaders/frame-copy.ts';
import { fromFrame, type PictureSource } from '../../shaders/picture-source.ts';
import { selfCheck } from '../../shaders/self-check.ts';
import type { ShaderSource } from '../../shaders/shader-source.ts';

export interface Gpu {
  readonly device: GPUDevice;
  /** The adapter's name as the browser gives it. */
  readonly name: string;
  /** A program on the CPU that answers as a GPU would. */
  readonly software: boolean;
  /** How kernels read a `VideoFrame` on this device. */
  readonly source: PictureSource<VideoFrame>;
}

/**
 * The best adapter's device; undefined where there is none, or where it is software and `software` does not allow that. An adapter
 * gives one device, so after a loss this is called anew.
 * @throws WrongNumbers where the driver computes our kernels wrongly, or refuses them
 */
export async function openGpu(shaders: ShaderSource, software: boolean): Promise<Gpu | undefined> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter || (adapter.info.isFallbackAdapter && !software)) return undefined;
  const requiredFeatures = HALF.filter((feature) => adapter.features.has(feature));
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits: largest(adapter) });
  let lost = false;
  void device.lost.then(() => {
    lost = true;
  });
  if (!(await selfCheck(device, shaders))) {
    const error = lost ? new Error('the device was lost') : new WrongNumbers('this GPU draws wrongly');
    device.destroy();
    throw error;
  }
  return {
    device,
    name: nameOf(adapter.info),
    software: adapter.info.isFallbackAdapter,
    source: (await canImportFrames(device)) ? fromFrame : fromCopy(device),
  };
}

/** Numbers of two bytes: half the memory traffic. */
const HALF = ['shader-f16'] as const;

/** onnxruntime's kernels take what workgroup memory there is. */
const largest = ({ limits }: GPUAdapter): Record<string, number> => ({
  maxBufferSize: limits.maxBufferSize,
  maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
  maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
  maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
  maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
  maxComputeWorkgroupSizeY: limits.maxComputeWorkgroupSizeY,
  maxComputeWorkgroupSizeZ: limits.maxComputeWorkgroupSizeZ,
});

const nameOf = ({ description, vendor, architecture }: GPUAdapterInfo): string =>
  description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed GPU';

/** Tried rather than looked up: some drivers refuse frames although the browser has the method. */
async function canImportFrames(device: GPUDevice): Promise<boolean> {
  const size = 16;
  const black = new Uint8Array((size * size * 3) / 2);
  const frame = new VideoFrame(black, { format: 'I420', codedWidth: size, codedHeight: size, timestamp: 0 });
  device.pushErrorScope('validation');
  let imported = true;
  try {
    device.importExternalTexture({ source: frame });
  } catch {
    imported = false;
  }
  frame.close();
  return (await device.popErrorScope()) === null && imported;
}

/**
 * For browsers that cannot import frames. Frames are read one after the other, so one copy serves all the tiles, and conversion and
 * present of one frame share it.
 */
function fromCopy(device: GPUDevice): PictureSource<VideoFrame> {
  const copy = openFrameCopy(device);
  let texture: GPUTexture | undefined;
  let view: GPUTextureView | undefined;
  return {
    wgslType: 'texture_2d<f32>',
    resource(_device, frame) {
      const next = copy.copy(frame);
      if (!view || next !== texture) view = next.createView();
      texture = next;
      return view;
    },
  };
}
