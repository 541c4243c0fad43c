/** Where an export's pictures are enhanced and drawn: a stage that nobody sees, on the page's own equipment. */

import { NightglassError } from '#wire/nightglass-error.ts';
import type { Enhancer, FrameFacts } from './enhance/enhancer.ts';
import type { Equipment } from './enhance/equipment.ts';
import type { NetworkName } from './enhance/model.ts';
import type { CopyLayout } from './present/picture-copy.ts';
import { shaderText } from './shader-text.ts';
import type { Lane, LaneCopy } from './tile-lane.ts';
import { TileStage } from './tile-stage.ts';

/** For so long an engine that is loading, or was lost, is waited for. */
const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 50;

/** A canvas, and who enhanced what stands on it. */
export interface ExportedPicture {
  readonly canvas: OffscreenCanvas;
  readonly enhancer: Enhancer<unknown>;
  readonly network: NetworkName;
}

export class ExportStage implements Disposable {
  readonly #layout: CopyLayout;
  readonly #stage: TileStage;
  #equipment: Equipment = { surface: 'none', trouble: { message: 'the enhancement is loading' } };
  #copy: { readonly lane: Lane; readonly copy: LaneCopy } | undefined;

  constructor(layout: CopyLayout) {
    this.#layout = layout;
    this.#stage = new TileStage(new OffscreenCanvas(2, 2), shaderText, {
      canvasWanted: () => this.#stage.replaceCanvas(new OffscreenCanvas(2, 2)),
      ready: () => {},
      failed: (message) => console.warn('present/no-canvas', message),
    });
  }

  equip(equipment: Equipment): void {
    this.#equipment = equipment;
    void this.#stage.equip(equipment);
  }

  /**
   * Enhances a frame, which stays the caller's, in the engine's turns: waits until it can. Gives the canvas, which is good
   * until the next call.
   * @throws NightglassError `enhance/failed` and the like where there is no engine, or none comes back; the signal's reason
   */
  async enhance(
    frame: VideoFrame,
    facts: FrameFacts,
    strength: number,
    signal: AbortSignal,
  ): Promise<ExportedPicture> {
    const since = performance.now();
    for (;;) {
      signal.throwIfAborted();
      const { lane } = this.#stage;
      const equipment = this.#equipment;
      const enhancer = equipment.surface === 'none' ? undefined : equipment.enhancer;
      if (lane && enhancer) {
        using _turn = await enhancer.turns.take();
        await lane.enhance(frame, facts);
        const canvas = lane.holds
          ? (await this.#copyOn(lane)).draw(frame, strength, this.#layout)
          : undefined;
        if (canvas && lane.network) return { canvas, enhancer, network: lane.network };
      }
      if (!enhancer && !equipment.trouble) throw none('it is switched off');
      if (performance.now() - since > PATIENCE_MS)
        throw none(equipment.trouble?.message ?? 'it gives no picture');
      // It loads, prepares itself or was lost: who is told of it is the stage.
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  [Symbol.dispose](): void {
    this.#copy?.copy[Symbol.dispose]();
    this.#copy = undefined;
    this.#stage[Symbol.dispose]();
  }

  async #copyOn(lane: Lane): Promise<LaneCopy> {
    if (this.#copy?.lane !== lane) {
      this.#copy?.copy[Symbol.dispose]();
      this.#copy = undefined;
      this.#copy = { lane, copy: await lane.openCopy() };
    }
    return this.#copy.copy;
  }
}

const none = (why: string): NightglassError =>
  new NightglassError(
    'enhance/failed',
    `the enhancement does not run: ${why}; the original can be exported all the same`,
  );
