/** Copies frames into a texture, for browsers that cannot import them as external textures. */

export interface FrameCopy extends Disposable {
  /**
   * Queues the copy of a frame and returns the texture it lands in: sRGB-encoded RGB, exactly as large as the frame, owned by this
   * FrameCopy, good until another frame is copied. The frame that was copied last is not copied again. A frame may be closed at
   * once; throws a `DOMException` where it is closed and was not copied last.
   */
  copy(frame: VideoFrame): GPUTexture;
}

/** Opens a copier. Its texture is made anew only when the frame's size changes, and destroyed by dispose. */
export function openFrameCopy(device: GPUDevice): FrameCopy {
  let texture: GPUTexture | undefined;
  let copied: VideoFrame | undefined;
  return {
    copy(frame) {
      if (texture && frame === copied) return texture;
      copied = undefined;
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
      copied = frame;
      return texture;
    },
    [Symbol.dispose]() {
      texture?.destroy();
    },
  };
}
