import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { sessionContract } from '@portcullis/contracts-session';
import { type Handlers, type RpcConnection, RpcServer, Serves } from '@portcullis/platform-rpc';

const { endByHandle, endUser, refreshUser } = sessionContract.operations;
const contract = { ...sessionContract, operations: { endByHandle, endUser, refreshUser } } as const;
type Sessions = Handlers<typeof contract>;

/** What the session service was asked, in order. */
export const asked: string[] = [];

/** The session service as far as identity knows it. */
@Controller()
@Serves(contract)
class SessionController implements Sessions {
  endUser({ username, exceptId }: Parameters<Sessions['endUser']>[0]): ReturnType<Sessions['endUser']> {
    asked.push(`end ${username} but ${exceptId ?? 'none'}`);
    return Promise.resolve({ ended: 0 });
  }

  endByHandle({ username, handle, reason }: Parameters<Sessions['endByHandle']>[0]): ReturnType<Sessions['endByHandle']> {
    asked.push(`end ${handle} of ${username}: ${reason}`);
    return Promise.resolve({ ended: 1 });
  }

  refreshUser({ username, profile }: Parameters<Sessions['refreshUser']>[0]): ReturnType<Sessions['refreshUser']> {
    asked.push(`refresh ${username}: ${profile?.displayName ?? 'gone'}`);
    return Promise.resolve({ refreshed: 0, ended: 0 });
  }
}

@Module({ controllers: [SessionController] })
class SessionModule {}

export async function serveSessions(connection: RpcConnection): Promise<INestMicroservice> {
  const strategy = new RpcServer({ connection, contracts: [contract], lanes: { rest: { concurrency: 8 } } });
  const service = await NestFactory.createMicroservice(SessionModule, { strategy, logger: false });
  await service.listen();
  return service;
}
