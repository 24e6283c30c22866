import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { environmentSchema } from '../src/config-schema.ts';
import { packageRoot } from '../src/paths.ts';

interface Service {
  image?: string;
  command?: string[];
  restart?: string;
  env_file?: string;
  build?: string;
  ports?: string[];
  healthcheck?: { test: string[] };
  environment: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
  configs?: { source: string; target: string }[];
}

const read = (name: string): string => readFileSync(join(packageRoot, name), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  configs: Record<string, { content: string }>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);
const programs = ['api', 'migrate', 'worker'];
/** The ones that others reach. */
const listening = services.filter(([name]) => !['migrate', 'worker'].includes(name));

function serviceNamed(name: string): Service {
  const service = compose.services[name];
  if (service === undefined) throw new Error(`No service ${name}.`);
  return service;
}

describe('docker-compose.yml', () => {
  it('has PostgreSQL, Temporal, its web interface, and the programs of Tideline by themselves', () => {
    const names = ['api', 'migrate', 'postgres', 'temporal', 'temporal-ui', 'worker'];
    expect(Object.keys(compose.services).sort()).toEqual(names);
    for (const name of programs) expect(serviceNamed(name).command).toEqual([name]);
  });

  it('gives all programs the same settings, but for where the API listens', () => {
    const { HOST, PORT, ...shared } = serviceNamed('api').environment;
    expect([HOST, PORT]).toEqual(['0.0.0.0', '3000']);
    for (const name of ['migrate', 'worker']) expect(serviceNamed(name).environment).toEqual(shared);
  });

  it('starts API and workers only when the database is migrated and Temporal is there', () => {
    for (const name of ['api', 'worker']) {
      expect(serviceNamed(name).depends_on).toEqual({
        migrate: { condition: 'service_completed_successfully' },
        temporal: { condition: 'service_healthy' },
      });
      expect(serviceNamed(name).restart).toBe('unless-stopped');
    }
    // What has a fixed port or name cannot be scaled.
    expect(serviceNamed('worker')).not.toHaveProperty('ports');
    expect(serviceNamed('worker')).not.toHaveProperty('container_name');
  });

  it.each(services)('pins the image of %s', (_name, service) => {
    expect(service.image).toMatch(/^[\w/-]+:\d+\.\d+(\.\d+)?$/);
  });

  it.each(listening)('publishes %s on loopback only', (_name, service) => {
    expect(service.ports?.length).toBeGreaterThan(0);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it.each(listening)('checks the health of %s', (_name, service) => {
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
  });

  it('waits only for services that exist, until they are healthy', () => {
    for (const [, service] of services) {
      for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
        expect(Object.keys(compose.services)).toContain(name);
        expect(condition).toBe(name === 'migrate' ? 'service_completed_successfully' : 'service_healthy');
      }
    }
  });

  it('gives Tideline only variables that it knows', () => {
    const known = [...Object.keys(environmentSchema.shape), 'TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE'];
    for (const name of Object.keys(serviceNamed('api').environment)) expect(known).toContain(name);
  });

  it('hands on whatever else stands in .env', () => {
    for (const name of programs) expect(serviceNamed(name).env_file).toBe('.env');
    // Not to be read by what is not Tideline's.
    for (const [name, service] of services) {
      if (!programs.includes(name)) expect(service).not.toHaveProperty('env_file');
    }
  });

  it('holds no secret and asks for each', () => {
    const secret = /PASSWORD|PWD|SECRET|API_KEY$|ENCRYPTION_KEYS/;
    const found = services.flatMap(([, service]) =>
      Object.entries(service.environment).filter(([name]) => secret.test(name)),
    );
    expect(found.length).toBeGreaterThan(4);
    for (const [, value] of found) expect(value).toMatch(/^\$\{\w+:\?[^}]*\}$/);
  });

  it('declares the volumes and configurations that it mounts', () => {
    for (const [, service] of services) {
      for (const volume of service.volumes ?? []) {
        expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
      }
      for (const { source, target } of service.configs ?? []) {
        expect(Object.keys(compose.configs)).toContain(source);
        expect(service.environment.DYNAMIC_CONFIG_FILE_PATH).toBe(target);
      }
    }
    const settings = parse(compose.configs['temporal-settings']?.content ?? '') as Record<string, unknown>;
    expect(settings['history.transferProcessorMaxPollRPS']).toEqual([{ value: 1000 }]);
  });
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile').split('\n');

  it('builds in a stage of its own on a pinned image and runs as a plain user', () => {
    const images = lines.filter((line) => line.startsWith('FROM '));
    expect(images).toHaveLength(2);
    for (const image of images) expect(image).toMatch(/^FROM node:20\.\d+\.\d+-bookworm-slim( AS build)?$/);
    expect(lines).toContain('USER node');
  });

  it('copies only what .dockerignore lets through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect(copied.length).toBeGreaterThan(8);
    for (const name of copied) expect(allowed).toContain(name);
  });
});
