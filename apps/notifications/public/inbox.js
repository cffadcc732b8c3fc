import { ReadMarks } from './read-marks.js';
import { exactTime, relativeTime } from './relative-time.js';

const SHOWN = 200;
const TIME_TICK_MS = 20_000;
export const LEVEL_NAMES = { info: 'Info', warning: 'Warning', error: 'Error' };

const list = document.querySelector('#list');
const empty = document.querySelector('#empty');
const loading = document.querySelector('#loading');
const badge = document.querySelector('#unread-badge');
const readAll = document.querySelector('#read-all');
const template = document.querySelector('#notification-template');

/** The list on the page: newest first, each notification once however often it is told. */
export class Inbox {
  #userId;
  #readMarks;
  /** By id, newest first in the document. */
  #items = new Map();
  #timer = setInterval(() => this.#refreshTimes(), TIME_TICK_MS);
  #listening = new AbortController();

  constructor(userId) {
    this.#userId = userId;
    this.#readMarks = new ReadMarks(userId);
    list.replaceChildren();
    loading.hidden = false;
    readAll.addEventListener('click', () => this.#markRead([...this.#items.keys()]), this.#listening);
    this.#refresh();
  }

  close() {
    clearInterval(this.#timer);
    this.#listening.abort();
    list.replaceChildren();
    document.title = 'Nestcast';
  }

  /** Takes the server's history, newest first; what is already shown stays. */
  addHistory(notifications) {
    loading.hidden = true;
    notifications.toReversed().forEach((notification) => this.#insert(notification));
    this.#refresh();
  }

  /** Takes a live notification; tells whether it is news. */
  addLive(notification) {
    const element = this.#insert(notification);
    element?.classList.add('arriving');
    this.#refresh();
    return element !== undefined;
  }

  historyFailed() {
    loading.hidden = true;
    this.#refresh();
  }

  #insert(notification) {
    if (this.#items.has(notification.id)) {
      return undefined;
    }
    const element = this.#render(notification);
    const older = [...list.children].find((shown) => shown.dataset.createdAt <= notification.createdAt);
    list.insertBefore(element, older ?? null);
    this.#items.set(notification.id, element);
    if (this.#items.size > SHOWN) {
      this.#items.delete(list.lastElementChild.dataset.id);
      list.lastElementChild.remove();
    }
    this.#offerMore(element);
    return element;
  }

  #render({ id, userId, title, body, level, createdAt, from, via }) {
    const element = template.content.firstElementChild.cloneNode(true);
    const part = (name) => element.querySelector(`[data-${name}]`);
    const announcement = userId === '*';
    Object.assign(element.dataset, { id, createdAt, level });
    element.classList.toggle('unread', !this.#readMarks.has(id));
    part('icon').setAttribute('href', `#icon-${level}`);
    part('level-text').textContent = `${LEVEL_NAMES[level]}: `;
    part('title').textContent = title;
    part('body').textContent = body;
    part('body').hidden = body.trim() === '';
    part('audience').textContent = announcement ? 'Announcement' : 'For you';
    part('audience').classList.toggle('announcement', announcement);
    part('from').textContent = from === this.#userId ? 'from you' : `from ${from}`;
    part('via').hidden = via === undefined;
    part('via').textContent = ` via ${via}`;
    part('time').dateTime = createdAt;
    part('time').title = exactTime(new Date(createdAt));
    part('time').textContent = relativeTime(new Date(createdAt));
    part('read').setAttribute('aria-label', `Mark “${title}” as read`);
    part('read').title = 'Mark as read';
    part('read').addEventListener('click', () => this.#markReadByButton(element));
    return element;
  }

  /** A long body is cut after a few lines; only layout knows whether it was. */
  #offerMore(element) {
    const body = element.querySelector('[data-body]');
    const more = element.querySelector('[data-more]');
    if (body.scrollHeight <= body.clientHeight + 1) {
      return;
    }
    more.hidden = false;
    more.addEventListener('click', () => {
      const open = element.classList.toggle('open');
      more.setAttribute('aria-expanded', String(open));
      more.textContent = open ? 'Show less' : 'Show more';
    });
  }

  #markReadByButton(element) {
    // The button goes away with the mark: hand the focus on instead of losing it.
    const buttons = [...list.querySelectorAll('.unread [data-read]')];
    const index = buttons.indexOf(element.querySelector('[data-read]'));
    this.#markRead([element.dataset.id]);
    (buttons[index + 1] ?? buttons[index - 1] ?? document.querySelector('#main')).focus({
      preventScroll: true,
    });
  }

  #markRead(ids) {
    this.#readMarks.add(ids);
    ids.forEach((id) => this.#items.get(id)?.classList.remove('unread'));
    this.#refresh();
  }

  #refresh() {
    const unread = list.querySelectorAll('.unread').length;
    empty.hidden = this.#items.size > 0 || !loading.hidden;
    badge.hidden = unread === 0;
    badge.textContent = `${unread} unread`;
    readAll.disabled = unread === 0;
    document.title = unread === 0 ? 'Nestcast' : `(${unread}) Nestcast`;
  }

  #refreshTimes() {
    list.querySelectorAll('time').forEach((time) => {
      time.textContent = relativeTime(new Date(time.dateTime));
    });
  }
}
