import { SetMetadata } from '@nestjs/common';

/** Where a method has which hooks it is. */
export const CONNECT_HOOK = Symbol('nestcast:on-connect');
export const DISCONNECT_HOOK = Symbol('nestcast:on-disconnect');

/**
 * A method of a provider or controller to be called when a stream has opened on this node, with its `Connection`. Nobody
 * waits for it: what it throws or rejects with is logged. It runs in the async context of the application's start, not in
 * that of a request.
 */
export const OnSseConnect = (): MethodDecorator => SetMetadata(CONNECT_HOOK, true);

/**
 * The same for when a stream has closed that was open, once for each, however it ended: with its `Connection`, the
 * `CloseReason`, and the error, if that is why.
 */
export const OnSseDisconnect = (): MethodDecorator => SetMetadata(DISCONNECT_HOOK, true);
