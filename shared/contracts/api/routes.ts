import * as audit from './audit.ts';
import * as cost from './cost.ts';
import * as devices from './devices.ts';
import * as firmware from './firmware.ts';
import * as fleet from './fleet.ts';
import * as rolloutDevices from './rollout-devices.ts';
import * as rollouts from './rollouts.ts';
import * as telemetry from './telemetry.ts';

/** Every route of the HTTP API by the camel-case name of the function that serves it. */
export const ROUTES = {
  registerDevice: devices.RegisterDevice,
  listDevices: devices.ListDevices,
  getDevice: devices.GetDevice,
  tagDevice: devices.TagDevice,
  decommissionDevice: devices.DecommissionDevice,
  listDeviceAudit: audit.ListDeviceAudit,
  listDeviceSeals: audit.ListDeviceSeals,
  createProduct: firmware.CreateProduct,
  listProducts: firmware.ListProducts,
  getProduct: firmware.GetProduct,
  addHardware: firmware.AddHardware,
  addSigningKey: firmware.AddSigningKey,
  withdrawSigningKey: firmware.WithdrawSigningKey,
  createRelease: firmware.CreateRelease,
  beginUpload: firmware.BeginUpload,
  completeUpload: firmware.CompleteUpload,
  getRelease: firmware.GetRelease,
  listReleases: firmware.ListReleases,
  publishRelease: firmware.PublishRelease,
  revokeRelease: firmware.RevokeRelease,
  createDownloadUrl: firmware.CreateDownloadUrl,
  listProductAudit: audit.ListProductAudit,
  listProductSeals: audit.ListProductSeals,
  createRollout: rollouts.CreateRollout,
  approveRollout: rollouts.ApproveRollout,
  countDraft: rollouts.CountDraft,
  launchRollout: rollouts.LaunchRollout,
  pauseRollout: rollouts.PauseRollout,
  resumeRollout: rollouts.ResumeRollout,
  abortRollout: rollouts.AbortRollout,
  openStage: rollouts.OpenStage,
  getRollout: rollouts.GetRollout,
  listRollouts: rollouts.ListRollouts,
  listRolloutDevices: rolloutDevices.ListRolloutDevices,
  getRolloutCost: cost.GetRolloutCost,
  listRolloutAudit: audit.ListRolloutAudit,
  listRolloutSeals: audit.ListRolloutSeals,
  listFleet: fleet.ListFleet,
  explainDevice: rolloutDevices.ExplainDevice,
  listQuarantined: rolloutDevices.ListQuarantined,
  releaseFromQuarantine: rolloutDevices.ReleaseFromQuarantine,
  listQuarantineAudit: audit.ListQuarantineAudit,
  getFailures: telemetry.GetFailures,
  listDeviceReports: telemetry.ListDeviceReports,
  listRolloutReports: telemetry.ListRolloutReports,
} as const;
