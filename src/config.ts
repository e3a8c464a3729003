// What the command line and the environment say of the settings (settings.ts). Read once by main.ts
// and passed down; nothing else looks at the environment.

import { type Setting, type SettingName, settingNames, settings } from './settings.ts';

/** The settings in force. `baseUrl` is always an address, without trailing slash. */
export type Config = {
  readonly [Name in SettingName]: ReturnType<(typeof settings)[Name]['read']>;
};

/** What the command line and environment ask for: to run, to be helped, or nothing sensible. */
export type ConfigReading =
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'help'; readonly text: string }
  /** One sentence per fault, all at once. */
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

const PREFIX = 'OPENIMS_';

/**
 * Reads the settings. A flag wins over its environment variable, and that over the default.
 * @param flags the arguments after the program's name
 * @param environment the process's own unless a test says otherwise
 */
export function readConfig(
  flags: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ConfigReading {
  if (flags.includes('--help')) return { kind: 'help', text: helpText() };
  const faults: string[] = [];
  const given = new Map<SettingName, Given>();
  takeVariables(environment, given, faults);
  takeFlags(flags, given, faults);
  const values = Object.fromEntries(
    settingNames.map((name) => [name, readSetting(name, given.get(name), faults)]),
  ) as unknown as Config;
  if (faults.length > 0) return { kind: 'faults', faults };
  const baseUrl = values.baseUrl || defaultBaseUrl(values.host, values.port);
  return { kind: 'config', config: Object.freeze({ ...values, baseUrl }) };
}

/** The configuration once the port is known that `--port 0` left open. */
export function listeningOn(config: Config, port: number): Config {
  const wasDefault = config.baseUrl === defaultBaseUrl(config.host, config.port);
  const baseUrl = wasDefault ? defaultBaseUrl(config.host, port) : config.baseUrl;
  return Object.freeze({ ...config, port, baseUrl });
}

/** The settings in force for a log: secrets hidden. */
export function withoutSecrets(config: Config): Record<string, string | number | boolean> {
  return Object.fromEntries(
    settingNames.map((name) => [name, settings[name].secret ? '(hidden)' : config[name]]),
  );
}

/** The README's table of settings, in Markdown. */
export function settingsTable(): string {
  const rows = settingNames.map((name) => {
    const { flag, variable, format, doc, default: preset } = settings[name];
    const cells = [
      `\`${`${flag} ${format}`.trim()}\``,
      `\`${variable}\``,
      preset && `\`${preset}\``,
      doc,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '| Flag after `npm start --` | Environment variable | Default | Meaning |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function helpText(): string {
  const lines = settingNames.map((name) => {
    const { flag, variable, format, doc, default: preset } = settings[name];
    const note = preset === '' ? variable : `${variable}; default ${preset}`;
    return `  ${`${flag} ${format}`.trim()}\n      ${doc}\n      (${note})`;
  });
  return ['Usage: npm start -- [flags]', '', ...lines, '  --help', '      prints this'].join('\n');
}

/** A value as given, and the flag or variable it came by. */
interface Given {
  readonly text: string;
  readonly by: string;
}

function takeVariables(
  environment: Readonly<Record<string, string | undefined>>,
  given: Map<SettingName, Given>,
  faults: string[],
): void {
  for (const [variable, text] of Object.entries(environment)) {
    if (text === undefined) continue;
    const name = settingNames.find((candidate) => settings[candidate].variable === variable);
    if (name !== undefined) given.set(name, { text, by: variable });
    else if (variable.startsWith(PREFIX)) faults.push(`${variable} is not a setting of OpenIMS.`);
  }
}

function takeFlags(
  flags: readonly string[],
  given: Map<SettingName, Given>,
  faults: string[],
): void {
  const met = new Set<string>();
  for (let index = 0; index < flags.length; index += 1) {
    const [flag = '', inline] = splitFlag(flags[index] ?? '');
    const name = settingNames.find((candidate) => settings[candidate].flag === flag);
    if (name === undefined) {
      faults.push(`${flag} is not a flag of OpenIMS; --help lists them.`);
      continue;
    }
    const isSwitch = settings[name].format === '';
    const next = isSwitch ? undefined : flags[index + 1];
    const following = next?.startsWith('--') ? undefined : next;
    const text = inline ?? (isSwitch ? 'true' : following);
    if (inline === undefined && following !== undefined) index += 1;
    if (met.has(flag)) faults.push(`${flag} is given twice.`);
    else if (text === undefined) faults.push(`${flag} needs a value: ${settings[name].format}.`);
    else given.set(name, { text, by: flag });
    met.add(flag);
  }
}

function splitFlag(argument: string): readonly [string, string?] {
  const equals = argument.indexOf('=');
  if (!argument.startsWith('--') || equals === -1) return [argument];
  return [argument.slice(0, equals), argument.slice(equals + 1)];
}

function readSetting(name: SettingName, given: Given | undefined, faults: string[]): unknown {
  const setting: Setting<unknown> = settings[name];
  try {
    return setting.read(given?.text ?? setting.default);
  } catch (error) {
    faults.push(`${given?.by ?? setting.flag} ${(error as Error).message}.`);
    return undefined;
  }
}

// A service that listens everywhere is reached, from the machine itself, over loopback.
const everywhere: readonly string[] = ['0.0.0.0', '::'];

function defaultBaseUrl(host: string, port: number): string {
  const name = everywhere.includes(host) ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}/fhir/R4`;
}
