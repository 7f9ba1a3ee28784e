import type { Offer } from '#shared/contracts/device/offer.ts';
import { compareVersions } from '#shared/contracts/version.ts';
import { RefusedError } from '#shared/errors/errors.ts';
import { verifyManifest } from '#shared/firmware/signature.ts';
import type { RunningImage } from '../image.ts';
import type { AgentSettings } from '../settings.ts';
import type { Job } from './state.ts';

/** What an offer is measured against. */
export interface OfferMeasure {
  readonly settings: AgentSettings;
  readonly image: RunningImage;
  /** Nothing at or below this sequence is taken. */
  readonly floor: number;
}

/**
 * Reads an offer as something that an attacker may have sent: only what the manufacturer signed counts, and the unsigned
 * part of the offer must say the same. Throws `RefusedError` with the field that speaks against it.
 */
export function judgeOffer(offer: Offer, { settings, image, floor }: OfferMeasure): Job {
  const manifest = verifyManifest(
    Buffer.from(offer.manifest, 'base64'),
    offer.signature,
    settings.trustedKeysPem,
  );
  const artifact = manifest.artifacts.find(({ hardware }) => hardware === settings.hardware);
  const { version, sequence } = manifest;
  if (artifact === undefined) throw new RefusedError('manifest.artifacts', 'must hold one for this hardware');
  hold('manifest.product', manifest.product === settings.product, 'must be the product of this device');
  hold('version', offer.version === version, 'must be the version that was signed');
  hold('sequence', offer.sequence === sequence, 'must be the sequence that was signed');
  hold('release', offer.release === `${manifest.product}/${version}`, 'must name what was signed');
  hold('artifact.sha256', offer.artifact.sha256 === artifact.sha256, 'must be the digest that was signed');
  hold(
    'artifact.sizeBytes',
    offer.artifact.sizeBytes === artifact.sizeBytes,
    'must be the size that was signed',
  );
  hold('sequence', sequence > floor, 'must be above the floor of this device');
  hold('artifact.sha256', artifact.sha256 !== image.digest, 'must be something that does not run already');
  const least = manifest.from?.min;
  if (least !== undefined) {
    // A version that does not parse compares with nothing, and so may not install what has a lower bound.
    hold(
      'manifest.from.min',
      (compareVersions(image.version, least) ?? -1) >= 0,
      'must not be above what runs',
    );
  }
  const { rollout, release } = offer;
  const { sha256, sizeBytes } = artifact;
  return { rollout, release, version, sequence, sha256, sizeBytes, url: offer.artifact.url, manifest };
}

function hold(field: string, isSo: boolean, rule: string): void {
  if (!isSo) throw new RefusedError(field, rule);
}
