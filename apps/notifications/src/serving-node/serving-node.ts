/** Which of several nodes this process is. */
export class ServingNode {
  /** @param name what people call it; `undefined` where it is the only one */
  constructor(readonly name: string | undefined) {}
}
