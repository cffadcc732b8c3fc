/** The limits that connections are counted against. */
export type LimitName = 'total' | 'perUser' | 'perIp' | 'perChannel' | 'opensPerMinute';

/** Why a request gets no stream, though it may have one: a limit that is used up, or the state of the node. */
export type RefusalCause = LimitName | 'drain' | 'pressure';
