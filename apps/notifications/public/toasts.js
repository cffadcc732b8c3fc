const SHOWN = 3;
const LIFETIME_MS = 6_000;
const region = document.querySelector('#toasts');
const template = document.querySelector('#toast-template');

/** A short message in the corner. It goes by itself, and waits while someone points at it. */
export function toast({ level, title, detail }) {
  const element = template.content.firstElementChild.cloneNode(true);
  element.dataset.level = level;
  element.querySelector('[data-icon]').setAttribute('href', `#icon-${level}`);
  element.querySelector('[data-title]').textContent = title;
  element.querySelector('[data-detail]').textContent = detail;
  element.querySelector('[data-close]').addEventListener('click', () => element.remove());
  let timer;
  const start = () => {
    timer = setTimeout(() => element.remove(), LIFETIME_MS);
  };
  const stop = () => clearTimeout(timer);
  element.addEventListener('pointerenter', stop);
  element.addEventListener('pointerleave', start);
  element.addEventListener('focusin', stop);
  element.addEventListener('focusout', start);
  region.append(element);
  while (region.children.length > SHOWN) {
    region.firstElementChild.remove();
  }
  start();
}

export function clearToasts() {
  region.replaceChildren();
}
