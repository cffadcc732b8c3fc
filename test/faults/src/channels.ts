/** What is published to, and who reads what: everybody one channel of all and one of a group. */
export const EVERYBODY = 'everybody';
const GROUPS = 10;

const group = (number: number): string => `group/${number % GROUPS}`;

/** All of them. */
export const channels = [EVERYBODY, ...Array.from({ length: GROUPS }, (_, number) => group(number))];

export const channelsOfClient = (client: number): readonly string[] => [EVERYBODY, group(client)];

/** Every other event is for everybody. */
export const channelOfEvent = (event: number): string =>
  event % 2 === 0 ? EVERYBODY : group((event - 1) / 2);
