import { currentSession, recentNotifications, signIn, signOut } from './api.js';
import { resetComposer, startComposer } from './composer.js';
import { onSubmit } from './forms.js';
import { Inbox } from './inbox.js';
import { NotificationStream } from './stream.js';
import { clearToasts, toast } from './toasts.js';

const STATES = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  offline: 'Offline',
  'signed-out': 'Signed out',
};
const element = (id) => document.querySelector(`#${id}`);
const signInForm = element('sign-in');
const otherTabs = new BroadcastChannel('nestcast-session');

let user;
let inbox;
let stream;

function showState(state) {
  if (
    element('connection').dataset.state !== state ||
    element('connection-text').textContent !== STATES[state]
  ) {
    element('connection').dataset.state = state;
    element('connection-text').textContent = STATES[state];
  }
}

function enter(userId) {
  leave();
  user = userId;
  element('account-id').textContent = userId;
  element('avatar').textContent = userId.slice(0, 1).toUpperCase();
  element('welcome').hidden = true;
  element('workspace').hidden = false;
  element('account').hidden = false;
  inbox = new Inbox(userId);
  follow(inbox);
}

/** Subscribes first and fetches then, so that nothing falls between; what comes twice is shown once. */
function follow(shown) {
  let historyDue = true;
  const loadHistory = async () => {
    historyDue = false;
    try {
      const notifications = await recentNotifications();
      if (inbox === shown) {
        shown.addHistory(notifications);
        say('');
      }
    } catch (error) {
      historyDue = true;
      if (inbox !== shown) {
        return;
      }
      if (error.status === 401) {
        showSignedOut();
      } else {
        shown.historyFailed();
        say('Earlier notifications could not be loaded. They will be with the next connection.');
      }
    }
  };
  stream = new NotificationStream({
    onState: (state) => {
      showState(state);
      // No stream for now, but there may be a list.
      if (historyDue && state !== 'connecting' && state !== 'live') {
        void loadHistory();
      }
    },
    onConnected: (resumed) => {
      if (historyDue || !resumed) {
        void loadHistory();
      }
    },
    onGap: () => void loadHistory(),
    onSignedOut: () => showSignedOut(),
    onNotification: (notification) => {
      if (shown.addLive(notification)) {
        announce(notification);
      }
    },
  });
}

function announce({ level, title, from, userId }) {
  toast({ level, title, detail: userId === '*' ? `Announcement from ${from}` : `From ${from}` });
}

function leave() {
  stream?.close();
  inbox?.close();
  stream = inbox = user = undefined;
  clearToasts();
  resetComposer();
}

function showSignedOut() {
  leave();
  showState('signed-out');
  element('workspace').hidden = true;
  element('account').hidden = true;
  element('welcome').hidden = false;
  signInForm.elements.userId.focus();
}

function say(text) {
  element('notice').textContent = text;
  element('notice').hidden = text === '';
}

/** Another tab signed in or out, or this page was just opened. */
async function followSession() {
  try {
    const session = await currentSession();
    if (session.userId !== user) {
      enter(session.userId);
    }
  } catch (error) {
    showSignedOut();
    if (error.status !== 401) {
      signInForm.querySelector('[data-form-error]').textContent = error.message;
      signInForm.querySelector('[data-form-error]').hidden = false;
    }
  }
}

onSubmit(signInForm, async (data) => {
  const session = await signIn(data.get('userId').trim());
  signInForm.reset();
  otherTabs.postMessage('changed');
  enter(session.userId);
  element('main').focus();
});

element('sign-out').addEventListener('click', async () => {
  try {
    await signOut();
    otherTabs.postMessage('changed');
    showSignedOut();
  } catch (error) {
    toast({ level: 'error', title: 'You are still signed in', detail: error.message });
  }
});

otherTabs.addEventListener('message', () => void followSession());
startComposer();
void followSession();
