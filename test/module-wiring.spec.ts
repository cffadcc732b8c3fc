import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel, SseChannelRegistry, SseJobs, SseModule, type SseModuleOptions } from '@nestcast/sse';
import { Controller, Inject, Injectable, Module, Post, UseGuards } from '@nestjs/common';
import request from 'supertest';
import { type TestApp, adapters, startModule } from './support/nest-app.js';
import { UserGuard, as } from './support/user.guard.js';

@Controller('feature')
class FeatureController {
  constructor(
    private readonly channels: SseChannelRegistry,
    readonly jobs: SseJobs,
  ) {}

  @SseChannel()
  @UseGuards(UserGuard)
  stream() {
    return 'feature';
  }

  @Post()
  async publish() {
    return { id: await this.channels.publish('feature', { data: 'published' }) };
  }
}

@Module({ controllers: [FeatureController] })
class FeatureModule {}

@Injectable()
class Settings {
  readonly retry = { ms: 1_234, jitter: 0 };
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Injectable()
class SseSettings {
  constructor(@Inject(Settings) private readonly settings: Settings) {}

  create(): SseModuleOptions {
    return { retry: this.settings.retry };
  }
}

@Module({ imports: [SettingsModule], providers: [SseSettings], exports: [SseSettings] })
class SseSettingsModule {}

const asynchronous: [how: string, module: () => ReturnType<typeof SseModule.forRootAsync>][] = [
  [
    'useFactory and inject',
    () =>
      SseModule.forRootAsync({
        imports: [SettingsModule],
        inject: [Settings],
        useFactory: async ({ retry }: Settings) => ({ retry }),
      }),
  ],
  ['useClass', () => SseModule.forRootAsync({ imports: [SettingsModule], useClass: SseSettings })],
  ['useExisting', () => SseModule.forRootAsync({ imports: [SseSettingsModule], useExisting: SseSettings })],
];

describe.each(adapters)('SseModule on %s', (adapter) => {
  let app: TestApp | undefined;
  afterEach(() => app?.close());

  /** Opens the feature's stream and has the feature publish to it; gives the stream's first hint. */
  async function useFeature(): Promise<string | undefined> {
    const stream = await app?.open('/feature', as('ann'));
    const first = await stream?.nextFrame();
    const answer = await request(app?.url ?? '')
      .post('/feature')
      .expect(201);
    expect(await stream?.next()).toMatchObject({ data: 'published', ...answer.body });
    return first?.text;
  }

  it('is global: a feature module needs not import it', async () => {
    app = await startModule(adapter, { imports: [FeatureModule, SseModule.forRoot()] });
    await useFeature();
  });

  it('that is not global is there for those who import it', async () => {
    @Module({ imports: [SseModule.forRoot({ isGlobal: false })], exports: [SseModule] })
    class StreamsModule {}

    @Module({ imports: [StreamsModule], controllers: [FeatureController] })
    class ImportingModule {}

    app = await startModule(adapter, { imports: [ImportingModule] });
    await useFeature();
  });

  it('that is not global is not there for anybody else', async () => {
    app = undefined;
    const imports = [FeatureModule, SseModule.forRoot({ isGlobal: false })];
    await expect(startModule(adapter, { imports })).rejects.toThrow('in the FeatureModule module');
  });

  it.each(asynchronous)('takes its options later: %s', async (_, module) => {
    app = await startModule(adapter, { imports: [module(), FeatureModule] });
    expect(await useFeature()).toContain('retry: 1234\n');
  });

  it('checks options that come later as well', async () => {
    app = undefined;
    const imports = [SseModule.forRootAsync({ useFactory: () => ({ retry: { ms: -1 } }) })];
    await expect(startModule(adapter, { imports })).rejects.toThrow('retry.ms must not be less than 0');
  });

  it('of two applications in one process share nothing', async () => {
    app = await startModule(adapter, { imports: [SseModule.forRoot(), FeatureModule] });
    const other = await startModule(adapter, { imports: [SseModule.forRoot(), FeatureModule] });
    try {
      const stream = await app.open('/feature', as('ann'));
      await stream.connectionId();
      await other.channels.publish('feature', { data: 'elsewhere' });
      expect(other.channels.stats()).toMatchObject({ connections: 0, channels: 0 });
      await app.channels.publish('feature', { data: 'here' });
      expect(await stream.next()).toMatchObject({ data: 'here' });
    } finally {
      await other.close();
    }
  });
});
