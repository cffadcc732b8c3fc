import { type ExecutionContext, SetMetadata } from '@nestjs/common';

const SSE_ROUTE = Symbol('nestcast:route');

/** The mark that `@SseChannel()` leaves on its method. */
export const MarkSseRoute = (): MethodDecorator => SetMetadata(SSE_ROUTE, true);

/** Whether it is a request to a route of `@SseChannel()`: a global guard or interceptor sees everything else as well. */
export function isSseRoute(context: ExecutionContext): boolean {
  return context.getType() === 'http' && Reflect.getMetadata(SSE_ROUTE, context.getHandler()) === true;
}
