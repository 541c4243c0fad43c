import { once } from 'node:events';
import { expect, test } from 'vitest';
import { neighbour, openUdpPair } from '../../../server/ingest/udp-ports.ts';

test('RTP has the even port and RTCP the odd one after it, on the address asked for', async () => {
  const pairs = await Promise.all(Array.from({ length: 20 }, () => openUdpPair('127.0.0.1')));
  for (const { rtp, rtcp, rtpPort } of pairs) {
    expect(rtpPort % 2).toBe(0);
    expect(rtp.address()).toMatchObject({ address: '127.0.0.1', port: rtpPort });
    expect(rtcp.address()).toMatchObject({ address: '127.0.0.1', port: rtpPort + 1 });
  }
  expect(new Set(pairs.map(({ rtpPort }) => rtpPort)).size).toBe(20);
  for (const pair of pairs) pair.close();
});

test('an odd port’s neighbour is the one before it', () => {
  expect([4000, 4001].map(neighbour)).toEqual([4001, 4000]);
});

test('closing gives both ports back', async () => {
  const pair = await openUdpPair('127.0.0.1');
  const closed = Promise.all([once(pair.rtp, 'close'), once(pair.rtcp, 'close')]);
  pair.close();
  await closed;
});

test('an address that is not this machine’s is given up after some tries', async () => {
  await expect(openUdpPair('192.0.2.1')).rejects.toMatchObject({ code: 'ingest/failed' });
});
