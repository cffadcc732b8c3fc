const count = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });
const UNITS = ['B', 'KB', 'MB', 'GB'] as const;
export const NONE = '–';

/** "1,204"; one digit after the point below 10, where that is what there is to see. */
export function numberText(value: number): string {
  return (value < 10 ? tenths : count).format(value);
}

/** "0.4 ms", "1.2 s"; a dash for `null`. */
export function durationText(ms: number | null): string {
  if (ms === null) {
    return NONE;
  }
  return ms < 1_000 ? `${numberText(ms)} ms` : `${tenths.format(ms / 1_000)} s`;
}

/** "14 MB", of 1,024 each. */
export function bytesText(bytes: number): string {
  const unit = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log(bytes) / Math.log(1_024)));
  return `${numberText(bytes / 1_024 ** unit)} ${UNITS[unit] as string}`;
}

/** "12%"; a dash for `null`. */
export function shareText(share: number | null): string {
  return share === null ? NONE : percent.format(share);
}
