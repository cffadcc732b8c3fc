import { ApiError } from './api.js';

const LABELS = { userId: 'User ID', title: 'Title', body: 'Message', level: 'Level' };

/** Runs `send` when the form is submitted, one at a time, and shows what the server says against it at the fields. */
export function onSubmit(form, send) {
  const button = form.querySelector('[type=submit]');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.getAttribute('aria-disabled') === 'true') {
      return;
    }
    // Not `disabled`, which would take the keyboard's focus away.
    button.setAttribute('aria-disabled', 'true');
    showErrors(form, []);
    try {
      await send(new FormData(form));
    } catch (error) {
      showErrors(form, error instanceof ApiError ? error.messages : ['Something went wrong. Try again.']);
    } finally {
      button.removeAttribute('aria-disabled');
    }
  });
}

/** Nest's validation messages begin with the property; each goes to its field, the rest to the end of the form. */
export function showErrors(form, messages) {
  const byField = Map.groupBy(messages, (message) => fieldOf(form, message));
  for (const place of form.querySelectorAll('[data-error-for]')) {
    const name = place.dataset.errorFor;
    const [message] = byField.get(name) ?? [];
    say(place, message?.replace(name, LABELS[name] ?? name));
    const input = form.querySelector(`[aria-describedby~="${place.id}"]`);
    input?.toggleAttribute('aria-invalid', message !== undefined);
  }
  say(form.querySelector('[data-form-error]'), byField.get(undefined)?.join(' '));
  form.querySelector('[aria-invalid]')?.focus();
}

function fieldOf(form, message) {
  const [name] = message.split(' ');
  return form.querySelector(`[data-error-for="${CSS.escape(name)}"]`) ? name : undefined;
}

function say(place, message = '') {
  place.hidden = message === '';
  place.textContent = message.replace(/(\w)$/, '$1.');
}

/** Counts the characters of a field, and says so aloud only when the limit is near. */
export function countCharacters(form) {
  const status = document.querySelector('#counter-status');
  const refreshers = [...form.querySelectorAll('[data-counter-for]')].map((counter) => {
    const input = form.elements[counter.dataset.counterFor];
    const limit = Number(counter.dataset.limit);
    const refresh = () => {
      const left = limit - input.value.trim().length;
      counter.textContent = `${limit - left} / ${limit}`;
      counter.classList.toggle('over', left < 0);
      if (left < 0) {
        status.textContent = `${-left} characters too many`;
      } else if (left <= 20) {
        status.textContent = `${left} characters left`;
      } else {
        status.textContent = '';
      }
    };
    input.addEventListener('input', refresh);
    refresh();
    return refresh;
  });
  return () => refreshers.forEach((refresh) => refresh());
}
