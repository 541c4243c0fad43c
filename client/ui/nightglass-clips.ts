/** `<nightglass-clips>`: the Clips page: what is kept on the server, over the cameras, at the address `#/clips`. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { KeptClip } from '#wire/kept-clip.ts';
import { CLIPS_HASH } from './clips-hash.ts';
import { BACK } from './icons.ts';
import { deleteKept, fetchKept, type KeptList } from './kept-clips.ts';
import './nightglass-clip.ts';
import { clipsPageStyles } from './nightglass-clips.styles.ts';
import { sizeText } from './recorder-text.ts';
import { theme } from './theme.styles.ts';

export class NightglassClips extends LitElement {
  static override styles = [theme, clipsPageStyles];
  static override properties = {
    server: { attribute: false },
    open: { type: Boolean, reflect: true },
    list: { state: true },
    note: { state: true },
  };

  /** Base address, with a trailing slash. */
  declare server: URL;
  declare open: boolean;
  /** What the server said last, all pages that were asked for; nothing until it has said something. */
  declare protected list: KeptList | undefined;
  /** What was done last, for all to read and hear. */
  declare protected note: string;

  #watching: AbortController | undefined;
  /** From another place in this page. */
  #cameHere = false;

  constructor() {
    super();
    this.open = false;
    this.note = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    window.addEventListener('hashchange', this.#follow, { signal });
    window.addEventListener('popstate', this.#follow, { signal });
    this.#follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#watching?.abort();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('open')) return;
    const dialog = this.renderRoot.querySelector('dialog');
    // A modal dialog: the cameras below can be neither reached nor heard meanwhile.
    if (this.open && dialog?.open === false) dialog.showModal();
    if (!this.open) dialog?.close();
  }

  protected override render(): TemplateResult {
    return html`
      <dialog
        aria-labelledby="title"
        @cancel=${(event: Event) => {
          event.preventDefault();
          this.#leave();
        }}
        @close=${() => {
          // Chromium closes it without asking where nothing on the page was pressed before.
          if (this.open) this.#leave();
        }}
      >
        ${this.open ? this.#page() : nothing}
      </dialog>
    `;
  }

  #page(): TemplateResult {
    return html`
      <header>
        <button class="back" aria-label="Back to the cameras" @click=${this.#leave}>${BACK}</button>
        <h1 id="title" tabindex="-1" autofocus>Clips</h1>
        <p role="status">${this.note}</p>
      </header>
      ${this.#content()}
    `;
  }

  #content(): TemplateResult {
    const { list } = this;
    switch (list?.outcome) {
      case undefined:
        return html`<main aria-busy="true"></main>`;
      case 'off':
        return html`<main><p>This server keeps no clips. Whoever runs it can switch them on.</p></main>`;
      case 'failed':
        return html`<main>
          <p role="alert">${list.message}</p>
          <button class="again" @click=${() => void this.#load()}>Try again</button>
        </main>`;
      case 'listed':
        return this.#listed(list);
    }
  }

  #listed({ clips, next, room }: Extract<KeptList, { outcome: 'listed' }>): TemplateResult {
    if (clips.length === 0)
      return html`<main>
        <p>No clips yet. Record one in a camera’s large view, and choose “Keep on server” in its list of clips.</p>
      </main>`;
    return html`
      <main>
        <ul aria-label="Clips on the server, the newest first">
          ${repeat(
            clips,
            ({ id }) => id,
            (clip) => html`<li data-clip=${clip.id}>
              <nightglass-clip
                .clip=${clip}
                .server=${this.server}
                @delete-kept=${(event: CustomEvent<KeptClip>) => void this.#delete(event.detail)}
              ></nightglass-clip>
            </li>`,
          )}
        </ul>
        ${next === null ? nothing : html`<button class="more" @click=${() => void this.#load(next)}>Older clips</button>`}
        <p class="room">Everyone who may see a camera finds its clips here. Room for ${sizeText(room.all)} more.</p>
      </main>
    `;
  }

  /** @param after for a further page */
  async #load(after?: string): Promise<void> {
    const before = after !== undefined && this.list?.outcome === 'listed' ? this.list.clips : [];
    const list = await fetchKept(this.server, after);
    this.list = list.outcome === 'listed' ? { ...list, clips: [...before, ...list.clips] } : list;
  }

  async #delete({ id, camera }: KeptClip): Promise<void> {
    const failure = await deleteKept(this.server, id);
    this.note = failure ?? `A clip of ${camera.title} was deleted.`;
    const { list } = this;
    if (failure !== undefined || list?.outcome !== 'listed') return;
    this.list = { ...list, clips: list.clips.filter((clip) => clip.id !== id) };
    // What was pressed is gone with its clip.
    this.renderRoot.querySelector<HTMLElement>('h1')?.focus();
  }

  #follow = (event?: Event): void => {
    const open = location.hash === CLIPS_HASH;
    if (open && !this.open) {
      this.#cameHere = event !== undefined;
      this.list = undefined;
      this.note = '';
      void this.#load();
    }
    this.open = open;
  };

  /** To where the page was before; a link that led straight here has no such place. */
  #leave = (): void => {
    if (this.#cameHere) {
      history.back();
      return;
    }
    history.replaceState(null, '', location.pathname + location.search);
    this.#follow();
  };
}

customElements.define('nightglass-clips', NightglassClips);

declare global {
  interface HTMLElementTagNameMap {
    'nightglass-clips': NightglassClips;
  }
}
