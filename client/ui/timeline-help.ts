/** The timeline's keys, in one short list. */
import { html, type TemplateResult } from 'lit';

const KEYS: readonly (readonly [string, string])[] = [
  ['Space', 'pause, play'],
  ['← →', '5 seconds back, on; with Shift a minute'],
  [', .', 'one picture back, on'],
  ['J K L', 'back from key picture to key picture, stop, play or faster'],
  ['Shift+J', 'slower'],
  ['I O', 'mark in, mark out: a span to export'],
  ['Home', 'the oldest picture'],
  ['Shift+L or End', 'live'],
];

export const timelineHelp = (): TemplateResult => html`
  <dl class="help">
    ${KEYS.map(([key, what]) => html`<div><dt>${key}</dt><dd>${what}</dd></div>`)}
  </dl>
`;
