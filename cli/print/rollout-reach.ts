import type { PreviewCount } from '#shared/contracts/api/preview.ts';
import type { RolloutView } from '#shared/contracts/api/rollouts.ts';
import { plain } from './plain.ts';
import { facts, paragraphs, table } from './table.ts';
import { ago } from './units.ts';

/** What a rule means for several devices, by its name; any other is shown as it is named. */
const RULES: Readonly<Record<string, string>> = {
  'no-artifact': 'the release has no artifact for their hardware; no stage counts them',
  'already-running': 'they run it already',
  'same-bytes': 'they run its very bytes already, under another version',
  'not-newer': 'they run this release or a later one, by its sequence',
  'not-above-version':
    'they run a version as high or higher that is no release; evenkeel why DEVICE says what to do',
  'at-or-below-floor': 'they have proved this release, or a later one, before',
  'from-version-too-low': 'they run a version that it does not install from',
  'from-version-unknown': 'it does not install from just any version, and theirs is not known',
  quarantined: 'they are in quarantine',
  'release-not-published': 'the release has been revoked',
};

/** Whom a draft would reach, for who has to launch it: how many, the largest cohorts, and what looks like a mistake. */
export function reachText(view: RolloutView, nowMs: number): string {
  const { preview, release } = view;
  if (preview === undefined) return '';
  const { state, count, reason } = preview;
  if (count === undefined)
    return facts([
      [
        'would reach',
        state === 'counting' ? 'not counted yet' : `not counted: ${reason ?? 'no count'}; ${againText(view)}`,
      ],
    ]);
  const product = release.slice(0, release.indexOf('/'));
  const { firstStage, notServed } = count;
  const head = facts([
    ['matching', `${count.members + count.heldBack} of ${devicesText(count.ofProduct)} of ${product}`],
    [
      'counted',
      `${ago(count.countedAtMs, nowMs)}, ${devicesText(count.looked)} looked at${ageText(view, count, nowMs)}`,
    ],
    ['would reach', String(count.served)],
    ['first stage', `${firstStage.name}${tagText(firstStage.tag)}: ${firstStage.served}`],
    ['hold-out', count.heldBack === 0 ? undefined : `${count.heldBack} wait until it ends`],
    ...notServed.map(({ rule, devices }, at): [string, string] => [
      at === 0 ? 'not reached' : '',
      `${devices}: ${RULES[rule] ?? rule}`,
    ]),
  ]);
  const warnings = warningsOf(count, release)
    .map((warning) => `warning: ${plain(warning)}\n`)
    .join('');
  return paragraphs([head, cohortsText(count), warnings]);
}

/** A count may be older than what was tagged, registered or updated since. */
const OLD_MS = 600_000;

/** That a count is about to be replaced, or how to get a new one where it is old. */
function ageText(view: RolloutView, { countedAtMs }: PreviewCount, nowMs: number): string {
  const { state, reason } = view.preview ?? {};
  if (state === 'counting') return '; being counted again';
  if (reason !== undefined) return `; ${reason}: ${againText(view)}`;
  return nowMs - countedAtMs < OLD_MS ? '' : `; ${againText(view)}`;
}

const againText = ({ rollout }: RolloutView): string => `count again: evenkeel rollout count ${rollout}`;

/** What whoever launches a draft most likely did not mean. */
function warningsOf(count: PreviewCount, release: string): string[] {
  const { members, heldBack, ofProduct, served, firstStage, notServed, unreadable } = count;
  const warnings: string[] = [];
  const noArtifact = notServed.find(({ rule }) => rule === 'no-artifact')?.devices ?? 0;
  if (members + heldBack === 0) {
    warnings.push(`no device matches the selector, of ${ofProduct} that there are of the product`);
  } else if (members === 0) {
    warnings.push('all devices that match wait in the hold-out');
  } else if (served === 0) {
    warnings.push(`no device that matches would be offered ${release}`);
  } else if (firstStage.served === 0) {
    const who = firstStage.devices === 0 ? 'device that matches is' : 'device that would be offered it is';
    warnings.push(`no ${who} in the first stage, ${firstStage.name}${tagText(firstStage.tag)}`);
  }
  if (noArtifact > 0)
    warnings.push(
      `${release} has no artifact for the hardware of ${devicesText(noArtifact)} that ${noArtifact === 1 ? 'matches' : 'match'}`,
    );
  if (unreadable > 0) {
    warnings.push(
      `${devicesText(unreadable)} cannot be read and ${unreadable === 1 ? 'is' : 'are'} not counted; the log names ${unreadable === 1 ? 'it' : 'them'}`,
    );
  }
  return warnings;
}

const devicesText = (count: number): string => `${count} device${count === 1 ? '' : 's'}`;

const tagText = (tag: string | undefined): string => (tag === undefined ? '' : ` (tag ${tag})`);

function cohortsText({ cohorts, otherCohorts }: PreviewCount): string {
  if (cohorts.length === 0) return '';
  const rows = cohorts.map(({ hardware, from = 'never checked in', devices, served }) => [
    hardware,
    from,
    String(devices),
    String(served),
  ]);
  const text = table(
    [
      { title: 'HARDWARE' },
      { title: 'FROM' },
      { title: 'DEVICES', align: 'right' },
      { title: 'REACHED', align: 'right' },
    ],
    rows,
  );
  return otherCohorts === 0 ? text : `${text}and ${otherCohorts} more of other cohorts\n`;
}
