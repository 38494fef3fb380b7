import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import * as z from 'zod';

/** The browser that Debian calls so, where there is one. */
export const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0,
);

const AnswerSchema = z.looseObject({
  id: z.number().optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  sessionId: z.string().optional(),
  result: z.unknown().optional(),
  error: z.looseObject({ message: z.string() }).optional(),
});
type Answer = z.output<typeof AnswerSchema>;

export interface Screen {
  readonly width: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  readonly print?: boolean;
}

export interface Tab {
  emulate(screen: Screen): Promise<void>;
  /** What an expression comes to, as JSON. */
  evaluate(expression: string): Promise<unknown>;
  press(key: 'Tab' | 'Space' | 'Enter' | 'ArrowRight'): Promise<void>;
  /** PNG of what is on the screen. */
  screenshot(): Promise<Buffer>;
  /** Of the console, and what went wrong. */
  readonly complaints: readonly string[];
  /** Every address that was asked for. */
  readonly requests: readonly string[];
}

const KEYS = {
  Tab: { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 },
  Space: { key: ' ', code: 'Space', windowsVirtualKeyCode: 32, text: ' ' },
  Enter: { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' },
  ArrowRight: { key: 'ArrowRight', code: 'ArrowRight', windowsVirtualKeyCode: 39 },
} as const;

/** A headless Chromium, spoken to over a pipe: no port is opened. */
export async function openBrowser(name: string) {
  const profile = mkdtempSync(join(tmpdir(), 'bursar-page-'));
  const child = spawn(
    name,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-extensions',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const { send, listen } = speak(child);

  const open = async (url: string): Promise<Tab> => {
    const { targetId } = z
      .object({ targetId: z.string() })
      .parse(await send('Target.createTarget', { url: 'about:blank' }));
    const { sessionId } = z
      .object({ sessionId: z.string() })
      .parse(await send('Target.attachToTarget', { targetId, flatten: true }));
    const ask = (method: string, params: object = {}) => send(method, params, sessionId);
    const complaints: string[] = [];
    const requests: string[] = [];
    const loaded = new Promise<void>((resolve) => {
      listen((answer) => {
        if (answer.sessionId !== sessionId) return;
        const params = JSON.stringify(answer.params ?? {});
        if (answer.method === 'Page.loadEventFired') resolve();
        if (answer.method === 'Network.requestWillBeSent') requests.push(params);
        if (
          ['Log.entryAdded', 'Runtime.exceptionThrown', 'Runtime.consoleAPICalled'].includes(
            answer.method ?? '',
          )
        )
          complaints.push(params);
      });
    });
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await ask(`${domain}.enable`);
    await ask('Page.navigate', { url });
    await loaded;
    const evaluate = async (expression: string): Promise<unknown> => {
      const { result, exceptionDetails } = z
        .looseObject({
          result: z.looseObject({ value: z.unknown().optional() }),
          exceptionDetails: z.unknown().optional(),
        })
        .parse(await ask('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true }));
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
      return result.value;
    };
    return {
      complaints,
      requests,
      evaluate,
      emulate: async ({ width, height = 900, scheme = 'light', print = false }) => {
        await ask('Emulation.setDeviceMetricsOverride', {
          width,
          height,
          deviceScaleFactor: 1,
          mobile: width < 600,
        });
        await ask('Emulation.setEmulatedMedia', {
          media: print ? 'print' : '',
          features: [{ name: 'prefers-color-scheme', value: scheme }],
        });
      },
      press: async (key) => {
        await ask('Input.dispatchKeyEvent', { type: 'keyDown', ...KEYS[key] });
        await ask('Input.dispatchKeyEvent', { type: 'keyUp', ...KEYS[key] });
      },
      screenshot: async () => {
        const { data } = z
          .object({ data: z.string() })
          .parse(await ask('Page.captureScreenshot', { format: 'png' }));
        return Buffer.from(data, 'base64');
      },
    };
  };

  return {
    open,
    close: async () => {
      const ended = new Promise<void>((resolve) => {
        child.once('exit', () => resolve());
      });
      await send('Browser.close').catch(() => child.kill());
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Requests and answers of the DevTools protocol: JSON, each ended by a zero byte. */
function speak(child: ChildProcess) {
  const [, , , into, outOf] = child.stdio;
  const [requests, answers] = [writable(into), readable(outOf)];
  const waiting = new Map<number, (answer: Answer) => void>();
  const listeners: ((answer: Answer) => void)[] = [];
  let next = 1;
  let rest = '';
  answers.setEncoding('utf8');
  answers.on('data', (chunk: string) => {
    const parts = `${rest}${chunk}`.split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const answer = AnswerSchema.parse(JSON.parse(part));
      if (answer.id === undefined) for (const listener of listeners) listener(answer);
      else waiting.get(answer.id)?.(answer);
    }
  });
  return {
    listen: (listener: (answer: Answer) => void) => void listeners.push(listener),
    send: (method: string, params: object = {}, sessionId?: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, ({ result, error }) => {
          waiting.delete(id);
          if (error === undefined) resolve(result);
          else reject(new Error(`${method}: ${error.message}`));
        });
        requests.write(
          `${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`,
        );
      }),
  };
}

function writable(stream: Readable | Writable | null | undefined): Writable {
  if (stream !== null && stream !== undefined && 'write' in stream) return stream;
  throw new Error('the browser has no pipe to write to');
}

function readable(stream: Readable | Writable | null | undefined): Readable {
  if (stream !== null && stream !== undefined && 'setEncoding' in stream) return stream;
  throw new Error('the browser has no pipe to read from');
}
