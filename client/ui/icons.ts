/** The page's few drawings, as line icons of one weight. */
import { html, type SVGTemplateResult, svg, type TemplateResult } from 'lit';

const icon = (path: SVGTemplateResult): TemplateResult =>
  html`<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">${path}</svg>`;

export const BACK = icon(svg`<path d="M8.5 4.5 3 10l5.5 5.5M3.5 10H17" />`);
export const COMPARE = icon(svg`<path d="M10 2.5v15M7 5H3v10h4M13 5h4v10h-4" />`);
export const ENTER_FULL_SCREEN = icon(svg`<path d="M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4" />`);
export const LEAVE_FULL_SCREEN = icon(svg`<path d="M7 3v4H3M17 7h-4V3M13 17v-4h4M3 13h4v4" />`);
export const PLAY = icon(svg`<path d="M6 3.5v13l10-6.5z" fill="currentColor" />`);
export const PAUSE = icon(svg`<path d="M6.5 4v12M13.5 4v12" stroke-width="2.5" />`);
export const STEP_BACK = icon(svg`<path d="M14 4.5v11L6.5 10z" fill="currentColor" /><path d="M4 4.5v11" />`);
export const STEP_ON = icon(svg`<path d="M6 4.5v11l7.5-5.5z" fill="currentColor" /><path d="M16 4.5v11" />`);
export const ZOOM_IN = icon(svg`<path d="M10 5v10M5 10h10" />`);
export const ZOOM_OUT = icon(svg`<path d="M5 10h10" />`);
export const RECORD = icon(svg`<circle cx="10" cy="10" r="5.5" fill="currentColor" />`);
export const STOP = icon(svg`<rect x="5" y="5" width="10" height="10" rx="1" fill="currentColor" />`);
export const SNAPSHOT = icon(
  svg`<path d="M2.5 6.5h3L7 4h6l1.5 2.5h3v9.5h-15z" /><circle cx="10" cy="11" r="2.75" />`,
);
export const CLIPS = icon(
  svg`<rect x="2.5" y="4.5" width="15" height="11" rx="1" /><path d="M8.5 7.5v5l4-2.5z" />`,
);
