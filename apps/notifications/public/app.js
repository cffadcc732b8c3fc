import { currentSession, recentNotifications, signIn, signOut, signOutEverywhere } from './api.js';
import { resetComposer, startComposer } from './composer.js';
import { FiguresPanel } from './figures.js';
import { onSubmit } from './forms.js';
import { Inbox } from './inbox.js';
import { NotificationStream } from './stream.js';
import { clearToasts, toast } from './toasts.js';

const STATES = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  refused: 'Waiting',
  offline: 'Offline',
  'signed-out': 'Signed out',
};
/** What a limit means to a person. */
const REFUSALS = {
  perUser: 'Your inbox is open in as many places as it can be. Close one, and this page goes live by itself.',
  perIp: 'Many pages are open from your network. This one goes live by itself when there is room.',
  opensPerMinute: 'This page has connected too often in the last minute. It goes live again by itself.',
};
const element = (id) => document.querySelector(`#${id}`);
const signInForm = element('sign-in');
const tryAgain = element('try-again');
const otherTabs = new BroadcastChannel('nestcast-session');

const figures = new FiguresPanel((open) => stream?.wantFigures(open));
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
  const handlers = {
    onState: (state) => {
      showState(state);
      if (state !== 'live') {
        figures.stale();
      }
      // No stream for now, but there may be a list.
      if (historyDue && state !== 'connecting' && state !== 'live') {
        void loadHistory();
      }
    },
    onConnected: (resumed) => {
      sayRefused('');
      if (historyDue || !resumed) {
        void loadHistory();
      }
    },
    onGap: () => void loadHistory(),
    onRefused: (limit) => sayRefused(REFUSALS[limit] ?? REFUSALS.perIp),
    onSignedOut: () => showSignedOut(),
    onNode: (name) => figures.servedBy(name),
    onFigures: (latest) => figures.show(latest),
    onNotification: (notification) => {
      if (shown.addLive(notification)) {
        announce(notification);
      }
    },
  };
  stream = new NotificationStream(handlers, { figures: figures.open });
}

function announce({ level, title, from, userId }) {
  toast({ level, title, detail: userId === '*' ? `Announcement from ${from}` : `From ${from}` });
}

function leave() {
  stream?.close();
  inbox?.close();
  stream = inbox = user = undefined;
  clearToasts();
  figures.clear();
  resetComposer();
}

/** @param reason said on the page; without one, that somebody was signed in is news to nobody. */
function showSignedOut(reason = user === undefined ? '' : 'You were signed out.') {
  leave();
  showState('signed-out');
  element('workspace').hidden = true;
  element('account').hidden = true;
  element('welcome').hidden = false;
  say(reason, 'signed-out');
  sayRefused('');
  signInForm.elements.userId.focus();
}

function say(text, place = 'notice') {
  element(place).textContent = text;
  element(place).hidden = text === '';
}

/** What is said while a limit keeps the page waiting, with a way not to wait. */
function sayRefused(text) {
  if (text === '' && document.activeElement === tryAgain) {
    // The button goes away: hand the focus on instead of losing it.
    element('main').focus({ preventScroll: true });
  }
  element('refused').hidden = text === '';
  element('refused-text').textContent = text;
}

tryAgain.addEventListener('click', () => stream?.tryAgain());

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

/** A button that ends the session, here or wherever it is. */
function leaveBy(button, end, reason) {
  element(button).addEventListener('click', async () => {
    try {
      await end();
      otherTabs.postMessage('changed');
      showSignedOut(reason);
    } catch (error) {
      toast({ level: 'error', title: 'You are still signed in', detail: error.message });
    }
  });
}

leaveBy('sign-out', signOut, '');
leaveBy('sign-out-everywhere', signOutEverywhere, 'You are signed out in all browsers and on all devices.');
otherTabs.addEventListener('message', () => void followSession());
startComposer();
void followSession();
