import type { UnmetRule } from './policy-warning.js';
import { joinWords, listToYaml, startWithRule } from './rule-text.js';
import { readSubject } from './subject-matcher.js';
import type { Rule } from './types.js';

/** Two names in one list within the list: nobody has both. */
export function isContradiction(all: readonly string[]): boolean {
  return namesIn(all).length > 1;
}

const namesIn = (all: readonly string[]): readonly string[] => [
  ...new Set(all.map(readSubject).flatMap(({ kind, name }) => (kind === 'user' ? [name] : []))),
];

/** Lists within the list that nobody can meet, whoever there is. */
export function findContradictions(rules: readonly Rule[]): readonly UnmetRule[] {
  return rules.flatMap((rule, ruleIndex) =>
    rule.subjects.flatMap((all, index): readonly UnmetRule[] => {
      if (!isContradiction(all)) return [];
      const isWhole = rule.subjects.every(isContradiction);
      const apart = [...rule.subjects.slice(0, index), ...all.map((part) => [part]), ...rule.subjects.slice(index + 1)];
      return [
        {
          kind: 'unmet',
          severity: rule.policy === 'deny' && isWhole ? 'danger' : 'notice',
          ruleIndex,
          place: `subject[${index}]`,
          isWhole,
          text: `${startWithRule(rule, ruleIndex)}${isWhole ? ' is for nobody' : ''}: nobody is ${joinWords(namesIn(all))} at once, as a list within the list asks.`,
          fix: `for each of them:\n${listToYaml(
            'subject',
            apart.map((part) => (part.length === 1 ? part[0] : part)),
          )}`,
        },
      ];
    }),
  );
}
