import { type DynamicModule, Module } from '@nestjs/common';
import { AdminParts } from './admin-parts.js';
import { AdminController } from './admin.controller.js';
import { IdentityParts } from './identity-parts.js';
import { IdentityController } from './identity.controller.js';

/** The service's two doors and what stands behind them. */
@Module({ controllers: [IdentityController, AdminController] })
export class IdentityModule {
  static with(identity: IdentityParts, admin: AdminParts): DynamicModule {
    return {
      module: IdentityModule,
      providers: [
        { provide: IdentityParts, useValue: identity },
        { provide: AdminParts, useValue: admin },
      ],
    };
  }
}
