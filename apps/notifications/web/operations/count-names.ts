/** Why a request got no stream, for people. */
export const refusalNames: Readonly<Record<string, string>> = {
  total: 'No place left',
  perUser: 'Too many of one person',
  perIp: 'Too many from one address',
  perChannel: 'Channel is full',
  opensPerMinute: 'Too many in a minute',
  drain: 'Server was stopping',
  pressure: 'Server was too busy',
};

/** Why a stream has ended, for people. */
export const closeNames: Readonly<Record<string, string>> = {
  client: 'Page was closed',
  server: 'Ended by the server',
  drain: 'Server was stopping',
  expired: 'Right to read ended',
  'max-age': 'Was open long enough',
  overflow: 'Read too slowly',
  revoked: 'Signed out',
  complete: 'All was sent',
  answered: 'Poll was answered',
  error: 'Failed',
};
