/** What each workload's results are found under. */
export const names = {
  fanOut: (connections: number, perTurn: number) =>
    `fan-out, ${connections.toLocaleString('en')} connections, ${perTurn} a turn`,
  paced: 'paced, 10 events a second',
  users: 'a channel a user',
  plain: '1 KB, uncompressed',
  gzip: '1 KB, gzip',
  unstalled: 'all read',
  stalled: '10 % stalled',
  opening: 'opening',
  idle: 'idle',
  ping: 'a second request',
  redisFanOut: (connections: number) =>
    `fan-out over nodes, ${connections.toLocaleString('en')} connections each, 20 a turn`,
  redisPublish: 'publishing through Redis',
} as const;
