import { Controller } from '@nestjs/common';
import { identityAdminContract } from '@portcullis/contracts-identity';
import { type Handlers, Serves } from '@portcullis/platform-rpc';
import { AdminParts } from './admin-parts.js';
import { describeSchema } from './admin-storage.js';

type Admin = Handlers<typeof identityAdminContract>;
type Request<K extends keyof Admin> = Parameters<Admin[K]>[0];

/** Every operation of the admin contract: the road from the operator's command line into this service. */
@Controller()
@Serves(identityAdminContract)
export class AdminController implements Admin {
  constructor(private readonly parts: AdminParts) {}

  generateTotp(request: Request<'generateTotp'>): ReturnType<Admin['generateTotp']> {
    return this.parts.totp.generate(request);
  }

  deleteTotp({ username }: Request<'deleteTotp'>): ReturnType<Admin['deleteTotp']> {
    return this.parts.totp.delete(username);
  }

  exportTotp({ username }: Request<'exportTotp'>): ReturnType<Admin['exportTotp']> {
    return this.parts.totp.export(username);
  }

  generateRecoveryCodes(request: Request<'generateRecoveryCodes'>): ReturnType<Admin['generateRecoveryCodes']> {
    return this.parts.recoveryCodes.generate(request);
  }

  deleteRecoveryCodes({ username }: Request<'deleteRecoveryCodes'>): ReturnType<Admin['deleteRecoveryCodes']> {
    return this.parts.recoveryCodes.delete(username);
  }

  importTotp(request: Request<'importTotp'>): ReturnType<Admin['importTotp']> {
    return this.parts.totp.import(request);
  }

  async listIdentifiers(): ReturnType<Admin['listIdentifiers']> {
    return { identifiers: await this.parts.identifiers.list() };
  }

  addIdentifiers(request: Request<'addIdentifiers'>): ReturnType<Admin['addIdentifiers']> {
    return this.parts.identifiers.add(request);
  }

  checkEncryption({ verbose }: Request<'checkEncryption'>): ReturnType<Admin['checkEncryption']> {
    return this.parts.storage.check(verbose);
  }

  changeEncryptionKey({ newKey }: Request<'changeEncryptionKey'>): ReturnType<Admin['changeEncryptionKey']> {
    return this.parts.storage.changeKey(newKey);
  }

  describeSchema(): ReturnType<Admin['describeSchema']> {
    return describeSchema(this.parts.storage.location);
  }

  listUsers(request: Request<'listUsers'>): ReturnType<Admin['listUsers']> {
    return this.parts.users.list(request);
  }

  editUsers(request: Request<'editUsers'>): ReturnType<Admin['editUsers']> {
    return this.parts.users.edit(request);
  }

  listAudit(request: Request<'listAudit'>): ReturnType<Admin['listAudit']> {
    return this.parts.audit.list(request);
  }

  eraseAudit(request: Request<'eraseAudit'>): ReturnType<Admin['eraseAudit']> {
    return this.parts.audit.erase(request);
  }

  recordCommand(request: Request<'recordCommand'>): ReturnType<Admin['recordCommand']> {
    return this.parts.audit.record({ ...request, actor: 'operator', ip: null });
  }

  async listBans({ kind }: Request<'listBans'>): ReturnType<Admin['listBans']> {
    return { bans: [...(await this.parts.bans.list(kind))] };
  }

  addBan(request: Request<'addBan'>): ReturnType<Admin['addBan']> {
    return this.parts.bans.add(request);
  }

  async revokeBan(request: Request<'revokeBan'>): ReturnType<Admin['revokeBan']> {
    return { revoked: await this.parts.bans.revoke(request) };
  }

  listNotices(request: Request<'listNotices'>): ReturnType<Admin['listNotices']> {
    return this.parts.outbox.list(request);
  }

  showNotice(request: Request<'showNotice'>): ReturnType<Admin['showNotice']> {
    return this.parts.outbox.show(request);
  }

  retryNotice(request: Request<'retryNotice'>): ReturnType<Admin['retryNotice']> {
    return this.parts.outbox.retry(request);
  }

  dropNotice(request: Request<'dropNotice'>): ReturnType<Admin['dropNotice']> {
    return this.parts.outbox.drop(request);
  }
}
