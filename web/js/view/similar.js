/** The row of similar questions under the asking field. Made by script alone; knows no socket: what a button does is given. */
import { stateWords } from '../lib/codes.js';
import { el, say, sync } from '../lib/dom.js';
import { page } from '../lib/page.js';
import { CHINA, clock } from '../lib/time.js';
import { t } from '../lib/words.js';

/** @typedef {import("../state/similar.js").Card} Card */

export class SimilarRow {
  /** @param {HTMLElement} field after which it stands @param {(id: string) => void} second */
  constructor(field, second) {
    this.second = second;
    this.list = el('ul', { class: 'similar-list', 'aria-label': t('相近的提问') });
    this.words = el('p', { class: 'similar-words small soft' });
    this.summary = el('p', { class: 'unseen', 'aria-live': 'polite' });
    this.row = el('div', { class: 'similar', hidden: true }, this.words, this.list);
    // Outside of what is hidden, so that a reader hears of the first ones.
    field.after(this.row, this.summary);
    this.told = '';
    /** Whether a finger has been in it since the last letter: then nothing is exchanged under it. */
    this.touched = false;
    this.row.addEventListener('pointerdown', () => {
      this.touched = true;
    });
  }

  /**
   * Open the space for it. It stays open, and as high, until `close`: what stands below moves once, when typing begins.
   * @param {Card[]} cards @param {"looking" | "looked" | "offline"} progress
   */
  show(cards, progress) {
    this.row.hidden = false;
    sync(this.list, cards, (card) => this.card(card), JSON.stringify);
    this.list.hidden = cards.length === 0;
    say(this.words, words(cards.length, progress));
    const ids = cards.map((card) => card.id).join(' ');
    if (ids === this.told) return;
    this.told = ids;
    this.list.scrollLeft = 0;
    say(this.summary, cards.length > 0 ? t('找到 {n} 条相近的提问', { n: cards.length }) : '');
  }

  close() {
    this.row.hidden = true;
    this.list.replaceChildren();
    say(this.summary, '');
    this.told = '';
  }

  /** Whether a finger or the keyboard is in it. */
  get busy() {
    return this.touched || this.row.contains(document.activeElement);
  }

  /** @param {Card} card */
  card(card) {
    // Where the button seconds it, the words themselves lead to all of them.
    const text =
      card.link && (card.way === 'second' || card.way === 'seconded')
        ? elsewhere(card.link, 'similar-text', card.text)
        : el('p', { class: 'similar-text' }, card.text);
    return el('li', { class: 'similar-card' }, text, this.way(card));
  }

  /** @param {Card} card */
  way(card) {
    if (card.way === 'second' || card.way === 'seconded')
      return el(
        'button',
        {
          class: 'button',
          type: 'button',
          'data-act': 'second',
          'aria-pressed': String(card.way === 'seconded'),
          onclick: () => this.second(card.id),
        },
        card.way === 'seconded' ? t('已附议，不用再问一遍') : t('附议这一条'),
        el('span', { class: 'figure' }, String(card.votes)),
      );
    if (!card.link) return el('p', { class: 'small' }, stateOf(card));
    return elsewhere(card.link, 'similar-way', stateOf(card));
  }
}

/** A link into a window of its own: what was typed stays where it is. @param {string} href @param {string} kind @param {string} text */
function elsewhere(href, kind, text) {
  return el(
    'a',
    { href, class: kind, target: '_blank', rel: 'noopener', 'data-act': kind },
    text,
    el('span', { class: 'unseen' }, t('（在新窗口打开）')),
  );
}

/** @param {Card} card */
function stateOf(card) {
  if (card.kind === 'suggestion') return t('正在办理：建议 {number}', { number: card.number });
  const day = card.here || !card.asked_at ? '' : `${dayOf(card.asked_at)} `;
  if (card.kind === 'answered' && card.mark_start !== null)
    return day + t('已在 {mark} 回答', { mark: clock(card.mark_start) });
  return (
    day +
    (card.way === 'own' ? t('这是您自己的提问：{state}', { state: stateWords(card.state) }) : stateWords(card.state))
  );
}

/** @param {string} moment */
function dayOf(moment) {
  const locale = page.lang === 'en' ? 'en' : 'zh-CN';
  return new Date(moment).toLocaleDateString(locale, { dateStyle: 'medium', timeZone: CHINA });
}

/** @param {number} count @param {"looking" | "looked" | "offline"} progress */
function words(count, progress) {
  if (count > 0) return t('有人问过相近的，先看看：');
  return progress === 'looking' ? t('正在查找相近的提问…') : t('还没有找到相近的提问，请放心提交。');
}
