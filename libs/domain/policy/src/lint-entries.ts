import { anchorHost, anchorPath, isTiedToEnd, isTiedToHostStart, isTiedToStart } from './anchoring.js';
import { isEverything } from './lint-criteria.js';
import { DomainCoverage, type DomainEntry } from './lint-domains.js';
import { compilePattern } from './pattern.js';
import type { MisleadingEntry } from './policy-warning.js';
import { parsePrefixPattern } from './prefix-pattern.js';
import { joinWords, listToYaml, nameRule, nameSubjects, ruleToYaml, startWithRule } from './rule-text.js';
import { GROUP, sampleTexts, USER } from './sample-pattern.js';
import type { PolicySource, Rule } from './types.js';

/** What one rule says that does not mean what it looks like; `domains` are the entries of each rule. */
export function findMisleadingEntries(source: PolicySource, domains: readonly (readonly DomainEntry[])[]): readonly MisleadingEntry[] {
  const coverage = new DomainCoverage();
  domains.forEach((entries, ruleIndex) => {
    coverage.add(ruleIndex, entries);
  });
  return source.rules.flatMap((rule, ruleIndex) => [
    ...rule.domains.flatMap((_, index) => lintDomain({ rule, ruleIndex, key: 'domain', list: rule.domains, index })),
    ...rule.domainRegex.flatMap((_, index) => lintRegex({ rule, ruleIndex, key: 'domain_regex', list: rule.domainRegex, index })),
    ...rule.resources.flatMap((_, index) => lintResource({ rule, ruleIndex, key: 'resources', list: rule.resources, index })),
    ...lintRest(source, coverage, domains[ruleIndex] ?? [], rule, ruleIndex),
  ]);
}

/** An entry of a list of a rule. */
interface Entry {
  readonly rule: Rule;
  readonly ruleIndex: number;
  readonly key: 'domain' | 'domain_regex' | 'resources';
  readonly list: readonly string[];
  readonly index: number;
}

const textOf = ({ list, index }: Entry): string => list[index] ?? '';

/** `meant` in the place of the entry, or null where nobody can tell. */
function warn(entry: Entry, kind: MisleadingEntry['kind'], isDangerous: boolean, says: string, meant: string | null): readonly MisleadingEntry[] {
  const { rule, ruleIndex, key, list, index } = entry;
  const text = `${startWithRule(rule, ruleIndex)}: ${key} '${textOf(entry)}' ${says}`;
  const fix = meant === null ? '' : `probably meant:\n${listToYaml(key, list.with(index, meant))}`;
  const place = list.length === 1 ? key : `${key}[${index}]`;
  return [{ kind, severity: isDangerous ? 'danger' : 'notice', ruleIndex, place, entry: textOf(entry), text, fix }];
}

const isClosing = ({ policy, subjects }: Rule): boolean => policy === 'deny' || policy === 'two_factor' || subjects.length > 0;

function lintDomain(entry: Entry): readonly MisleadingEntry[] {
  const written = textOf(entry);
  const host = written.replace(/^(?:\*\.|\{user\}|\{group\})/i, '');
  if (/^[\w.:-]+$/.test(host) && !host.endsWith('.')) return [];
  const everything = written === '*' ? '; leave the domain out to match every host' : '';
  const meant = /^\*[\w.-]+$/.test(written) ? `*.${written.slice(1)}` : null;
  return warn(entry, 'ineffective-domain', entry.rule.policy !== 'bypass', `matches no host${everything}.`, meant);
}

/** Found within a host name: what stands before or behind it in a longer one is not looked at. */
function lintRegex(entry: Entry): readonly MisleadingEntry[] {
  const written = textOf(entry);
  const [isLooseStart, isLooseEnd] = [!isTiedToHostStart(written), !isTiedToEnd(written)];
  if ((!isLooseStart && !isLooseEnd) || isEverything(written)) return [];
  const { test } = compilePattern(written);
  const hosts = sampleTexts(written).map((text) => text.replaceAll(USER, 'john').replaceAll(GROUP, 'dev'));
  const longer = hosts.map((host) => `${isLooseStart ? 'evil-' : ''}${host}${isLooseEnd ? '-evil.test' : ''}`).find((host) => test(host));
  const example = longer === undefined ? '' : `, such as ${longer}`;
  return warn(entry, 'loose-domain', !isClosing(entry.rule), `also matches longer host names${example}.`, anchorHost(written));
}

function lintResource(entry: Entry): readonly MisleadingEntry[] {
  const { rule } = entry;
  const written = textOf(entry);
  if (rule.policy === 'bypass' && compilePattern(written).isPersonal) {
    return warn(entry, 'personal-bypass', true, 'names a person, but bypass opens it to everybody before anyone signs in.', null);
  }
  if (isEverything(written)) return [];
  if (!isTiedToStart(written)) {
    const says = "is found anywhere, in a query string too: any address followed by '?x=…' with that text matches.";
    return warn(entry, 'loose-start', !isClosing(rule), says, anchorPath(written));
  }
  if (!isTiedToEnd(written)) return warn(entry, 'loose-end', false, 'also matches addresses that only begin so.', anchorPath(written));
  const shape = parsePrefixPattern(written);
  if (isClosing(rule) && (shape?.tail === 'exact' || shape?.tail === 'belowSlash')) {
    const head = written.replace(/(?:\(\/\.\*\)\?)?\$$/, '');
    return warn(entry, 'query-escapes', true, `does not match '${shape.prefix}?x=1', so a query string evades the rule.`, `${head}([/?].*)?$`);
  }
  return [];
}

/** A site of which some paths open, to people who must sign in for it, and nothing else at all. */
function lintRest(
  { rules, defaultPolicy }: PolicySource,
  coverage: DomainCoverage,
  entries: readonly DomainEntry[],
  rule: Rule,
  ruleIndex: number,
): readonly MisleadingEntry[] {
  if (!opensPaths(rule)) return [];
  return entries.flatMap((entry): readonly MisleadingEntry[] => {
    if (entry === null) return [];
    const covering = coverage.covering(entry).flatMap((index) => (rules[index] === undefined ? [] : [{ rule: rules[index], index }]));
    const openers = covering.filter((other) => other.rule.policy !== 'deny' && isForPages(other.rule));
    if (openers.some((other) => !opensPaths(other.rule)) || openers.every((other) => other.rule.policy === 'bypass')) return [];
    // Told once, of the first that names the site.
    if (openers.find((other) => names(other.rule, entry))?.index !== ruleIndex) return [];
    const denier = covering.find((other) => other.rule.policy === 'deny' && other.rule.resources.length === 0);
    if (denier === undefined && defaultPolicy !== 'deny') return [];
    const paths = [...new Set(openers.flatMap((other) => other.rule.resources))];
    const numbers = openers.length === 1 ? startWithRule(rule, ruleIndex) : `Rules ${joinWords(openers.map(({ index }) => `#${index + 1}`))}`;
    const people = openers.some((other) => other.rule.subjects.length > 0)
      ? `for ${joinWords([...new Set(openers.filter((other) => other.rule.subjects.length > 0).map((other) => nameSubjects(other.rule)))])} too`
      : 'whoever asks';
    return [
      {
        kind: 'rest-denied',
        severity: 'notice',
        ruleIndex,
        place: '',
        entry: entry.value,
        text:
          `${numbers} ${openers.length === 1 ? 'opens' : 'open'} only the paths ${paths.join(', ')}: the rest of ${entry.value} is denied by ` +
          `${denier === undefined ? 'the default policy' : nameRule(denier.rule, denier.index)}, ${people}.`,
        fix: `to open the rest to everybody who signs in, add below it:\n${ruleToYaml(restOf(openers[openers.length - 1]?.rule ?? rule, entry))}`,
      },
    ];
  });
}

/** What answers a preflight alone opens nothing that anybody sees. */
const isForPages = ({ methods }: Rule): boolean => methods.length === 0 || methods.some((method) => method.toUpperCase() === 'GET');

const opensPaths = ({ policy, resources }: Rule): boolean => policy !== 'deny' && resources.length > 0 && !resources.some(isEverything);

const names = ({ domains, domainRegex }: Rule, { kind, value }: NonNullable<DomainEntry>): boolean =>
  kind === 'regex' ? domainRegex.includes(value) : domains.some((domain) => domain.toLowerCase() === value);

/** The rule for all paths of this host and everybody; what was open to strangers asks to sign in. */
function restOf(rule: Rule, entry: NonNullable<DomainEntry>): Rule {
  const policy = rule.policy === 'bypass' ? 'one_factor' : rule.policy;
  const [domains, domainRegex] = entry.kind === 'domain' ? [[entry.value], []] : [[], [entry.value]];
  return { ...rule, policy, domains, domainRegex, resources: [], subjects: [], methods: [], networks: [], query: [] };
}
