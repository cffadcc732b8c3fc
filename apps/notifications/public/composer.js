import { sendNotification } from './api.js';
import { countCharacters, onSubmit, showErrors } from './forms.js';

const SENT_SHOWN_MS = 5_000;
const form = document.querySelector('#compose-form');
const composer = document.querySelector('#compose');
const recipientField = document.querySelector('#recipient-field');
const recipient = form.elements.recipient;
const toggle = document.querySelector('#compose-toggle');
const sent = document.querySelector('#sent');

/** The form that sends to a person or to everybody. */
export function startComposer() {
  const recount = countCharacters(form);
  let sentTimer;

  onSubmit(form, async (data) => {
    const everybody = data.get('audience') === 'everybody';
    const userId = everybody ? '*' : data.get('userId').trim();
    sent.textContent = '';
    await sendNotification({
      userId,
      title: data.get('title'),
      body: data.get('body'),
      level: data.get('level'),
    });
    form.elements.title.value = '';
    form.elements.body.value = '';
    recount();
    form.elements.title.focus();
    sent.textContent = everybody ? 'Sent to everybody' : `Sent to ${userId}`;
    clearTimeout(sentTimer);
    sentTimer = setTimeout(() => {
      sent.textContent = '';
    }, SENT_SHOWN_MS);
  });

  form.addEventListener('change', (event) => {
    if (event.target.name === 'audience') {
      recipientField.hidden = event.target.value === 'everybody';
      showErrors(form, []);
    }
  });

  toggle.addEventListener('click', () => {
    const open = composer.classList.toggle('open');
    toggle.setAttribute('aria-expanded', String(open));
    if (open) {
      (recipient.value === '' && !recipientField.hidden ? recipient : form.elements.title).focus();
    }
  });
}

/** Empties the form for the next user. */
export function resetComposer() {
  form.reset();
  recipientField.hidden = false;
  sent.textContent = '';
  composer.classList.remove('open');
  toggle.setAttribute('aria-expanded', 'false');
  form.querySelectorAll('[data-counter-for]').forEach((counter) => {
    counter.textContent = `0 / ${counter.dataset.limit}`;
  });
  showErrors(form, []);
}
