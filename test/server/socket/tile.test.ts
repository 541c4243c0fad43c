import { describe, expect, it } from 'vitest';
import type { AccessUnit } from '#wire/access-unit.ts';
import type { MediaMessage } from '#wire/message.ts';
import { wallMicros } from '#wire/time.ts';
import type { WireViewer } from '../../support/wire-viewer.ts';
import { CONFIG, delta, key } from '../fanout/made-up-camera.ts';
import { Served } from './served.ts';

const LIVE = { state: 'live', since: wallMicros(1) } as const;

const key265 = (second: number): AccessUnit => key(second, 100, { ...CONFIG, codec: 'hev1.1.6.L93.B0' });

const units = ({ media }: WireViewer): string[] =>
  media
    .filter((message) => message.kind === 'unit')
    .map(({ epoch, group, index, discontinuity }) => `${epoch}:${group}.${index}${discontinuity ? '!' : ''}`);

const at =
  (kind: MediaMessage['kind'], epoch: number, index = 0) =>
  (message: MediaMessage): boolean =>
    message.kind === kind && message.epoch === epoch && message.index === index;

/** Resolves when the server has obeyed everything said before. */
async function obeyed(viewer: WireViewer, question: number): Promise<void> {
  viewer.say({ type: 'clock', sentAt: wallMicros(question) });
  await viewer.told((message) => message.type === 'clock' && message.sentAt === question);
}

describe('A tile', () => {
  it('is sent the full stream of a camera where its viewer says nothing else', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    viewer.open('gate');
    await viewer.state(() => true);
    expect([served.gate.main.readers, served.gate.sub.readers]).toEqual([1, 0]);
  });

  it('is sent the small stream alone, in epochs that are no other stream’s, where its viewer asks for it', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', { rendition: 'sub' });
    await viewer.state(() => true);
    expect([served.gate.main.readers, served.gate.sub.readers]).toEqual([0, 1]);
    served.gate.sub.publish(key(0));
    expect(await viewer.heard(at('unit', 201))).toMatchObject({ kind: 'unit', key: true });
  });

  it('plays on in one rendition until the other has a picture, and then leaves it', async () => {
    await using served = await Served.open();
    const { main, sub } = served.gate;
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', { rendition: 'sub' });
    await viewer.state(() => true);
    sub.publish(key(0));
    viewer.say({ type: 'rendition', stream: 1, rendition: 'main' });
    await obeyed(viewer, 1);
    expect([main.readers, sub.readers]).toEqual([1, 1]);
    main.setState({ state: 'connecting', since: wallMicros(9) });
    sub.publish(delta(1));
    await viewer.heard(at('unit', 201, 1));
    main.setState(LIVE);
    main.publish(key(50));
    main.publish(delta(51));
    await viewer.heard(at('unit', 1, 1));
    sub.publish(delta(2));
    main.publish(delta(52));
    await viewer.heard(at('unit', 1, 2));
    expect(units(viewer)).toEqual(['201:1.0!', '201:1.1', '1:1.0!', '1:1.1', '1:1.2']);
    expect([main.readers, sub.readers]).toEqual([1, 0]);
    const states = viewer.control.flatMap((message) =>
      message.type === 'camera' ? message.state.state : [],
    );
    expect(states).toEqual(['idle', 'live']);
  });

  it('says that pictures jump where it goes over to a stream in the middle of its epoch', async () => {
    await using served = await Served.open();
    const { main, sub } = served.gate;
    for (const unit of [key(0), delta(1), key(2), delta(3)]) main.publish(unit);
    sub.publish(key(0));
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', { rendition: 'sub' });
    await viewer.heard(at('unit', 201));
    viewer.say({ type: 'rendition', stream: 1, rendition: 'main' });
    await viewer.heard(at('unit', 1, 1));
    const [config] = viewer.media.filter(({ epoch }) => epoch === 1);
    expect(config).toMatchObject({ kind: 'config', group: 2, index: 0 });
    expect(units(viewer)).toEqual(['201:1.0!', '1:2.0!', '1:2.1']);
  });

  it('that changes its mind before the other rendition has a picture stays where it is', async () => {
    await using served = await Served.open();
    const { main, sub } = served.gate;
    sub.publish(key(0));
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', { rendition: 'sub' });
    viewer.say({ type: 'rendition', stream: 1, rendition: 'main' });
    viewer.say({ type: 'rendition', stream: 1, rendition: 'main' });
    await obeyed(viewer, 1);
    expect(main.readers).toBe(1);
    viewer.say({ type: 'rendition', stream: 1, rendition: 'sub' });
    await obeyed(viewer, 2);
    expect([main.readers, sub.readers]).toEqual([0, 1]);
    main.publish(key(9));
    sub.publish(delta(1));
    await viewer.heard(at('unit', 201, 1));
    expect(viewer.media.every(({ epoch }) => epoch === 201)).toBe(true);
  });

  it('goes nowhere where a camera has one rendition alone', async () => {
    await using served = await Served.open();
    served.quay.publish(key(0));
    using viewer = await served.viewer();
    viewer.open('quay', 1, 'live', { rendition: 'sub' });
    viewer.say({ type: 'rendition', stream: 1, rendition: 'main' });
    await obeyed(viewer, 1);
    served.quay.publish(delta(1));
    await viewer.heard(at('unit', 1, 1));
    expect(units(viewer)).toEqual(['1:1.0!', '1:1.1']);
    expect(served.quay.readers).toBe(1);
  });

  it('gives both renditions back when it is closed between them', async () => {
    await using served = await Served.open();
    const { main, sub } = served.gate;
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', { rendition: 'sub' });
    viewer.say({ type: 'rendition', stream: 1, rendition: 'main' });
    viewer.say({ type: 'close', stream: 1 });
    await obeyed(viewer, 1);
    expect([main.readers, sub.readers]).toEqual([0, 0]);
  });

  it('passes over a rendition for a stream that is not open', async () => {
    await using served = await Served.open();
    using viewer = await served.viewer();
    viewer.say({ type: 'rendition', stream: 7, rendition: 'main' });
    await obeyed(viewer, 1);
    expect(viewer.control).toHaveLength(1);
  });
});

describe('A tile whose small stream cannot be reached', () => {
  const DEAD = {
    state: 'unreachable',
    since: wallMicros(2),
    code: 'ingest/refused',
    message: 'the small stream',
  } as const;
  const SMALL = { rendition: 'sub' } as const;

  const statesTold = ({ control }: WireViewer): string[] =>
    control.flatMap((message) => (message.type === 'camera' ? message.state.state : []));

  it('shows the full one, is told of that alone, and goes on waiting for its own', async () => {
    await using served = await Served.open();
    const { main, sub } = served.gate;
    sub.setState(DEAD);
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', SMALL);
    await viewer.state(({ state }) => state === 'idle');
    expect([main.readers, sub.readers]).toEqual([1, 1]);
    main.setState(LIVE);
    main.publish(key(0));
    await viewer.heard(at('unit', 1));
    expect(statesTold(viewer)).toEqual(['idle', 'live']);
  });

  it('returns to it at once while the full one shows nothing either', async () => {
    await using served = await Served.open();
    const { main, sub } = served.gate;
    sub.setState(DEAD);
    main.setState({ ...DEAD, message: 'the full stream' });
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', SMALL);
    expect(await viewer.state(() => true)).toMatchObject({ message: 'the full stream' });
    sub.setState(LIVE);
    sub.publish(key(0));
    await viewer.heard(at('unit', 201));
    expect(statesTold(viewer)).toEqual(['unreachable', 'live']);
    expect([main.readers, sub.readers]).toEqual([0, 1]);
  });

  it('returns from a full stream that is lost, to its own that has lived for a moment', async () => {
    await using served = await Served.open();
    const { main, sub } = served.gate;
    sub.setState(DEAD);
    main.setState(LIVE);
    main.publish(key(0));
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', SMALL);
    await viewer.heard(at('unit', 1));
    sub.setState(LIVE);
    sub.publish(key(0));
    await obeyed(viewer, 1);
    expect(units(viewer)).toEqual(['1:1.0!']);
    main.setState(DEAD);
    await viewer.state(({ state }) => state === 'unreachable');
    await obeyed(viewer, 2);
    expect(units(viewer)).toEqual(['1:1.0!', '201:1.0!']);
    expect([main.readers, sub.readers]).toEqual([0, 1]);
  });

  it('stays in the full one without a jump when it is made large, and minds the small one no longer', async () => {
    await using served = await Served.open();
    const { main, sub } = served.gate;
    sub.setState(DEAD);
    main.publish(key(0));
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', SMALL);
    await viewer.heard(at('unit', 1));
    viewer.say({ type: 'rendition', stream: 1, rendition: 'main' });
    await obeyed(viewer, 1);
    expect([main.readers, sub.readers]).toEqual([1, 0]);
    main.publish(delta(1));
    await viewer.heard(at('unit', 1, 1));
    expect(units(viewer)).toEqual(['1:1.0!', '1:1.1']);
  });

  it('opens nothing for a viewer that wants nothing, until it does', async () => {
    await using served = await Served.open();
    const { main, sub } = served.gate;
    sub.setState(DEAD);
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'pause', SMALL);
    await viewer.state(({ state }) => state === 'unreachable');
    expect([main.readers, sub.readers]).toEqual([0, 1]);
    viewer.say({ type: 'want', stream: 1, want: 'live' });
    await viewer.state(({ state }) => state === 'idle');
    expect([main.readers, sub.readers]).toEqual([1, 1]);
  });

  it('shows H.264 of the full one to who decodes no H.265, and none is made of the small one meanwhile', async () => {
    await using served = await Served.open();
    const { main, sub, mainH264, subH264 } = served.gate;
    sub.setState(DEAD);
    main.setState(LIVE);
    main.publish(key265(0));
    mainH264.publish(key(0));
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', { ...SMALL, decodes: ['h264'] });
    await viewer.heard(at('unit', 101));
    expect([main, sub, mainH264, subH264].map(({ readers }) => readers)).toEqual([0, 1, 1, 0]);
  });

  it('gives everything back when it is closed', async () => {
    await using served = await Served.open();
    const { main, sub } = served.gate;
    sub.setState(DEAD);
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', SMALL);
    await viewer.state(() => true);
    viewer.say({ type: 'close', stream: 1 });
    await obeyed(viewer, 1);
    expect([main.readers, sub.readers]).toEqual([0, 0]);
  });
});

describe('A tile of a viewer that does not decode H.265', () => {
  const ONLY_H264 = { decodes: ['h264'] } as const;

  it('is sent nothing of it, and the H.264 made of it, with the state of that', async () => {
    await using served = await Served.open();
    const { main, mainH264 } = served.gate;
    main.setState(LIVE);
    main.publish(key265(0));
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', ONLY_H264);
    await viewer.state(({ state }) => state === 'idle');
    expect([main.readers, mainH264.readers]).toEqual([0, 1]);
    mainH264.publish(key(0));
    await viewer.heard(at('unit', 101));
    expect(viewer.media.map(({ kind, epoch }) => `${kind} ${epoch}`)).toEqual(['config 101', 'unit 101']);
  });

  it('is sent H.264 of a camera as it is', async () => {
    await using served = await Served.open();
    served.gate.main.publish(key(0));
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', ONLY_H264);
    await viewer.heard(at('unit', 1));
    expect(served.gate.mainH264.readers).toBe(0);
  });

  it('is sent H.265 all the same where nothing can be made of it', async () => {
    await using served = await Served.open();
    served.quay.publish(key265(0));
    using viewer = await served.viewer();
    viewer.open('quay', 1, 'live', ONLY_H264);
    await viewer.heard(at('unit', 1));
  });

  it('goes over to the H.264 of another rendition when that has a picture', async () => {
    await using served = await Served.open();
    const { main, sub, mainH264 } = served.gate;
    sub.publish(key(0));
    main.publish(key265(0));
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', { ...ONLY_H264, rendition: 'sub' });
    viewer.say({ type: 'rendition', stream: 1, rendition: 'main' });
    await viewer.heard(at('unit', 201));
    await obeyed(viewer, 1);
    await expect.poll(() => [main.readers, sub.readers, mainH264.readers]).toEqual([0, 1, 1]);
    mainH264.publish(key(0));
    await viewer.heard(at('unit', 101));
    expect(units(viewer)).toEqual(['201:1.0!', '101:1.0!']);
    expect([main.readers, sub.readers, mainH264.readers]).toEqual([0, 0, 1]);
  });

  it('has none made while it wants nothing, and again when it does', async () => {
    await using served = await Served.open();
    const { main, mainH264 } = served.gate;
    main.publish(key265(0));
    for (const unit of [key(0), key(2)]) mainH264.publish(unit);
    using viewer = await served.viewer();
    viewer.open('gate', 1, 'live', ONLY_H264);
    await viewer.heard(at('unit', 101));
    viewer.say({ type: 'want', stream: 1, want: 'pause' });
    await obeyed(viewer, 1);
    expect([main.readers, mainH264.readers]).toEqual([1, 0]);
    viewer.say({ type: 'want', stream: 1, want: 'live' });
    await viewer.heard((message) => message.kind === 'unit' && units(viewer).length === 2);
    expect([main.readers, mainH264.readers]).toEqual([0, 1]);
    expect(units(viewer)).toEqual(['101:2.0', '101:2.0!']);
  });
});
