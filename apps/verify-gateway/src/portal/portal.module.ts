import type { Logger } from '@portcullis/platform-telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { Readiness } from '../readiness.js';
import { AccountController } from './account.controller.js';
import { ElevationController } from './elevation.controller.js';
import { EnrolPagesController } from './enrol-pages.controller.js';
import { ErrorPagesController } from './error-pages.controller.js';
import { FirstFactorController } from './first-factor.controller.js';
import { HealthController } from './health.controller.js';
import { OverviewController } from './overview.controller.js';
import { PasswordController } from './password.controller.js';
import { PasswordPagesController } from './password-pages.controller.js';
import { PortalController } from './portal.controller.js';
import { PortalExceptionFilter } from './portal-exception.filter.js';
import { PortalParts } from './portal-parts.js';
import { RecoveryCodesController } from './recovery-codes.controller.js';
import { RevokePagesController } from './revoke-pages.controller.js';
import { SecondFactorController } from './second-factor.controller.js';
import { SecondFactorPagesController } from './second-factor-pages.controller.js';
import { SessionsController } from './sessions.controller.js';
import { SettingsPagesController } from './settings-pages.controller.js';
import { SignInPagesController } from './sign-in-pages.controller.js';
import { TotpRegistrationController } from './totp-registration.controller.js';
import { WebauthnController } from './webauthn.controller.js';

/** Everything the gateway serves that is not a verify. */
@Module({})
export class PortalModule {
  static with(parts: PortalParts, readiness: Readiness, logger: Logger): DynamicModule {
    return {
      module: PortalModule,
      controllers: [
        HealthController,
        PortalController,
        ErrorPagesController,
        FirstFactorController,
        SecondFactorController,
        TotpRegistrationController,
        RecoveryCodesController,
        ElevationController,
        PasswordController,
        AccountController,
        OverviewController,
        SessionsController,
        WebauthnController,
        SignInPagesController,
        SecondFactorPagesController,
        EnrolPagesController,
        PasswordPagesController,
        RevokePagesController,
        SettingsPagesController,
      ],
      providers: [
        { provide: PortalParts, useValue: parts },
        { provide: Readiness, useValue: readiness },
        { provide: APP_FILTER, useValue: new PortalExceptionFilter(parts, logger) },
      ],
    };
  }
}
