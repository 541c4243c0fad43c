/** Copies frames into a texture, for browsers that cannot import them as external textures. */

export interface FrameCopy extends Disposable {
  /**
   * Queues the copy of a frame and returns the texture it lands in: sRGB-encoded RGB, exactly as large as the frame, owned by this
   * FrameCopy, good until the next `copy`. The frame may be closed at once. Throws a `DOMException` when it already is.
   */
  copy(frame: VideoFrame): GPUTexture;
}

/** Opens a copier. Its texture is made anew only when the frame's size changes, and destroyed by dispose. */
export function openFrameCopy(device: GPUDevice): FrameCopy {
  let texture: GPUTexture | undefined;
  return {
    copy(frame) {
      const { displayWidth: width, displayHeight: height } = frame;
      if (texture?.width !== width || texture.height !== height) {
        texture?.destroy();
        texture = device.createTexture({
          label: 'camera picture',
          size: [width, height],
          format: 'rgba8unorm',
          // copyExternalImageToTexture draws, so it asks for RENDER_ATTACHMENT besides COPY_DST.
          usage:
            GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST | GPUTextureUsage.RENDER_ATTACHMENT,
        });
      }
      device.queue.copyExternalImageToTexture({ source: frame }, { texture }, [width, height]);
      return texture;
    },
    [Symbol.dispose]() {
      texture?.destroy();
    },
  };
}
