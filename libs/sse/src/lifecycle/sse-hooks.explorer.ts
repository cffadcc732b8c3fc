import { type Connection, Hub, type LifecycleEvent, SseError } from '@nestcast/hub';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { CONNECT_HOOK, DISCONNECT_HOOK } from './sse-hooks.decorators.js';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** A method with a hook's mark. */
interface Hook {
  readonly name: string;
  readonly call: (...args: unknown[]) => unknown;
}

/** Finds the methods with `@OnSseConnect()` and `@OnSseDisconnect()`, and calls them. */
@Injectable()
export class SseHooksExplorer implements OnModuleInit {
  private readonly logger = new Logger(SseHooksExplorer.name);
  private readonly connect: Hook[] = [];
  private readonly disconnect: Hook[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly hub: Hub,
  ) {}

  /** @throws SseError `INVALID_OPTION` for a hook on a provider of which there is not one instance for all */
  onModuleInit(): void {
    const seen = new Set<unknown>();
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      // An alias has the instance of another.
      if (isObject(wrapper.instance) && !seen.has(wrapper.instance)) {
        seen.add(wrapper.instance);
        this.explore(wrapper, wrapper.instance);
      }
    }
    if (this.connect.length + this.disconnect.length > 0) {
      this.hub.lifecycle$.subscribe((event) => this.tell(event));
    }
  }

  private explore(wrapper: Wrapper, instance: Record<string, unknown>): void {
    const prototype: unknown = Object.getPrototypeOf(instance);
    if (!isObject(prototype)) {
      return;
    }
    for (const method of this.scanner.getAllMethodNames(prototype)) {
      const handler = prototype[method];
      if (typeof handler === 'function') {
        for (const [mark, hooks] of [
          [CONNECT_HOOK, this.connect],
          [DISCONNECT_HOOK, this.disconnect],
        ] as const) {
          if (Reflect.getMetadata(mark, handler) === true) {
            const name = `${prototype.constructor.name}.${method}()`;
            assertSingleton(wrapper, name);
            hooks.push({ name, call: (...args) => handler.apply(instance, args) as unknown });
          }
        }
      }
    }
  }

  private tell(event: LifecycleEvent): void {
    const { connection } = event;
    if (event.kind === 'open') {
      this.connect.forEach((hook) => this.call(hook, connection));
    } else {
      this.disconnect.forEach((hook) => this.call(hook, connection, event.reason, event.error));
    }
  }

  /** A hook that fails stands in nobody's way, the other hooks not least. */
  private call(hook: Hook, connection: Connection, ...rest: unknown[]): void {
    const run = async (): Promise<void> => {
      await hook.call(connection, ...rest);
    };
    run().catch((error: unknown) => {
      const stack = error instanceof Error ? error.stack : undefined;
      this.logger.error(`the hook ${hook.name} for the connection ${connection.id}: ${String(error)}`, stack);
    });
  }
}

function assertSingleton(wrapper: Wrapper, name: string): void {
  if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) {
    throw new SseError(
      'INVALID_OPTION',
      `The hook ${name} can't be called: its class is request-scoped or transient, or depends on one that is. ` +
        'Put it on a provider of the default scope.',
    );
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
