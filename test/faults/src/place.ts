/** The place of an event id of the form `<epoch>.<seq>` in the total order, which goes on over epochs; 0 before the first. */
export function placeOf(id: string): number {
  return id === '' ? 0 : Number(id.slice(id.lastIndexOf('.') + 1));
}
