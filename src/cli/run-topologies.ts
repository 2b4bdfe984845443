import { messageOf } from '../core/model/message-of.ts';
import { catalogue } from '../topologies/catalogue.ts';
import type { ReadyMade } from '../topologies/ready-made.ts';
import type { Setting } from '../topologies/settings.ts';
import type { Output } from './output/create-output.ts';
import { readyMadeLoader, readyMadePrefix } from './ready-made-name.ts';
import type { TopologiesSettings } from './topologies-arguments.ts';

/** A topology of the catalogue as it is listed. */
interface ListedTopology {
  readonly name: string;
  readonly summary: string;
  readonly settings: readonly ListedSetting[];
}

interface ListedSetting {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  /** As it would be written; null: none. */
  readonly default: string | null;
  readonly description: string;
}

/** One that cannot be loaded here, for want of an optional package. */
interface UnavailableTopology {
  readonly name: string;
  readonly problem: string;
}

/** Lists the ready-made topologies, or shows one. */
export async function runTopologies(
  { name, isJson }: Pick<TopologiesSettings, 'name' | 'isJson'>,
  { announce }: Pick<Output, 'announce'>,
): Promise<void> {
  if (name !== null) {
    const listed = listedOf(await readyMadeLoader(name)());
    announce(isJson ? JSON.stringify(listed) : settingsText(listed));
    return;
  }
  const all = await Promise.all(Object.keys(catalogue).map(tryListed));
  announce(isJson ? JSON.stringify(all) : all.map(listText).join('\n\n'));
}

async function tryListed(name: string): Promise<ListedTopology | UnavailableTopology> {
  try {
    return listedOf(await readyMadeLoader(name)());
  } catch (error) {
    return { name, problem: messageOf(error) };
  }
}

function listedOf({ name, summary, settings }: ReadyMade): ListedTopology {
  const listed = Object.entries(settings).map(([setting, spec]) => listedSetting(setting, spec));
  return { name, summary, settings: listed };
}

function listedSetting(name: string, setting: Setting<unknown>): ListedSetting {
  const { type, description, default: byDefault } = setting;
  return {
    name,
    type,
    isRequired: byDefault === undefined,
    default: byDefault ?? null,
    description,
  };
}

function listText(listed: ListedTopology | UnavailableTopology): string {
  if ('problem' in listed) return `${listed.name}\n  cannot be loaded here: ${listed.problem}`;
  return settingsText(listed);
}

function settingsText({ name, summary, settings }: ListedTopology): string {
  const heads = settings.map((setting) => `${setting.name}=<${setting.type}>`);
  const width = Math.max(...heads.map(({ length }) => length));
  const lines = settings.map(
    (setting, index) =>
      `  --set ${(heads[index] ?? '').padEnd(width)}  ${setting.description}${defaultText(setting)}`,
  );
  return [`${readyMadePrefix}${name}`, `  ${summary}`, ...lines].join('\n');
}

function defaultText({ isRequired, default: byDefault }: ListedSetting): string {
  if (isRequired) return ' (required)';
  return byDefault === null ? '' : ` (default ${byDefault})`;
}
