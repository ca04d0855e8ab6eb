// Drives every method of Google's published client for ml/v1 at a server, in one story: what a team's own scripts would do.
// node googleapis.js URL direct|discover MODEL-URI INSTANCE-JSON FOLDER   → one line of JSON: {"methods":[…],"facts":{…}}
const { google } = require('googleapis');

const [rootUrl, mode, modelUri, instanceText, folder] = process.argv.slice(2);
const instance = JSON.parse(instanceText);
const called = new Set();
const facts = {};

// Every call goes through here, so that what was called is known and not claimed.
function watched(node, path) {
    return new Proxy(node, {
        get(target, name) {
            const value = target[name];
            if (typeof value === 'function' && typeof name === 'string' && name !== 'constructor') {
                return async (...args) => {
                    const answer = await value.apply(target, args);
                    called.add(`${path}.${name}`);
                    return answer.data;
                };
            }
            return value && typeof value === 'object' && typeof name === 'string' && name !== 'context' ? watched(value, `${path}.${name}`) : value;
        },
    });
}

async function refused(promise) {
    try {
        await promise;
    } catch (problem) {
        return { code: Number(problem.code), message: problem.message, status: problem.response?.data?.error?.status };
    }
    throw new Error('expected a refusal');
}

async function done(ml, operation) {
    for (let tries = 0; !operation.done; tries++) {
        if (tries > 600) throw new Error(`${operation.name} is never done`);
        await new Promise(resolve => setTimeout(resolve, 50));
        operation = await ml.projects.operations.get({ name: operation.name });
    }
    if (operation.error) throw new Error(operation.error.message);
    return operation.response;
}

async function over(ml, name) {
    for (let tries = 0; ; tries++) {
        const job = await ml.projects.jobs.get({ name });
        if (['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(job.state)) return job;
        if (tries > 1200) throw new Error(`${name} stays ${job.state}`);
        await new Promise(resolve => setTimeout(resolve, 100));
    }
}

async function story(ml) {
    const parent = `projects/${mode}`;
    const model = `${parent}/models/trips`;

    // Models and versions.
    await ml.projects.models.create({ parent, requestBody: { name: 'trips', description: 'd', regions: ['us-central1'], onlinePredictionLogging: true, labels: { a: 'b' } } });
    facts.duplicate = await refused(ml.projects.models.create({ parent, requestBody: { name: 'trips' } }));
    const version = { deploymentUri: modelUri, runtimeVersion: '2.11', framework: 'TENSORFLOW', pythonVersion: '3.7', machineType: 'n1-standard-2',
        autoScaling: { minNodes: 1, maxNodes: 4, metrics: [{ name: 'CPU_USAGE', target: 60 }] }, acceleratorConfig: { count: '1', type: 'NVIDIA_TESLA_T4' } };
    const first = await done(ml, await ml.projects.models.versions.create({ parent: model, requestBody: { name: 'v1', ...version } }));
    facts.first = { state: first.state, isDefault: first.isDefault, type: first['@type'] };
    await done(ml, await ml.projects.models.versions.create({ parent: model, requestBody: { name: 'v2', ...version } }));
    facts.versions = (await ml.projects.models.versions.list({ parent: model, pageSize: 5 })).versions.map(each => each.name);
    facts.prediction = (await ml.projects.predict({ name: `${model}/versions/v1`, requestBody: { instances: [instance, instance], signature_name: 'serving_default' } })).predictions;
    facts.wrapped = (await ml.projects.predict({ name: model, requestBody: { httpBody: { data: JSON.stringify({ instances: [instance] }) } } })).predictions;
    facts.explanation = Object.keys(await ml.projects.explain({ name: `${model}/versions/v1`, requestBody: { instances: [instance] } }));
    facts.wrong = await refused(ml.projects.predict({ name: model, requestBody: { instances: [{ no_such_column: 1 }] } }));
    await ml.projects.models.versions.setDefault({ name: `${model}/versions/v2`, requestBody: {} });
    facts.default = (await ml.projects.models.get({ name: model })).defaultVersion.name;
    facts.undeletable = await refused(ml.projects.models.versions.delete({ name: `${model}/versions/v2` }));
    await ml.projects.models.versions.get({ name: `${model}/versions/v1` });
    await done(ml, await ml.projects.models.versions.patch({ name: `${model}/versions/v1`, updateMask: 'description,autoScaling.minNodes', requestBody: { description: 'x', autoScaling: { minNodes: 0 } } }));
    await done(ml, await ml.projects.models.patch({ name: model, updateMask: 'description,defaultVersion.name', requestBody: { description: 'x' } }));
    facts.filtered = (await ml.projects.models.list({ parent, pageSize: 10, filter: 'labels.a:b' })).models.length;
    facts.none = await ml.projects.models.list({ parent, filter: 'labels.a:c' });
    const policy = await ml.projects.models.getIamPolicy({ resource: model });
    const set = await ml.projects.models.setIamPolicy({ resource: model, requestBody: { policy: { etag: policy.etag, bindings: [{ role: 'roles/ml.viewer', members: ['user:a@example.com'] }] } } });
    facts.policy = set.bindings[0].role;
    facts.permissions = (await ml.projects.models.testIamPermissions({ resource: model, requestBody: { permissions: ['ml.models.get'] } })).permissions;

    // Jobs.
    await ml.projects.jobs.create({ parent, requestBody: { jobId: 'b1', predictionInput: { dataFormat: 'JSON', inputPaths: [`${folder}/rows*.jsonl`], outputPath: `${folder}/${mode}`, region: 'us-central1', versionName: `${model}/versions/v1`, maxWorkerCount: '10', batchSize: '64' } } });
    const batch = await over(ml, `${parent}/jobs/b1`);
    facts.batch = { state: batch.state, output: batch.predictionOutput, error: batch.errorMessage };
    await ml.projects.jobs.create({ parent, requestBody: { jobId: 'j1', labels: { k: 'v' }, trainingInput: { scaleTier: 'CUSTOM', masterType: 'n1-highmem-8', workerType: 'n1-standard-4', parameterServerType: 'n1-standard-4', workerCount: '4', parameterServerCount: '2', packageUris: ['gs://b/none.tar.gz'], pythonModule: 'trainer.task', args: ['--epochs', '3'], region: 'us-central1', jobDir: 'gs://b/job', runtimeVersion: '2.11', pythonVersion: '3.7', scheduling: { maxRunningTime: '3600s', maxWaitTime: '600s' },
        hyperparameters: { goal: 'MAXIMIZE', hyperparameterMetricTag: 'accuracy', maxTrials: 4, maxParallelTrials: 2, enableTrialEarlyStopping: true, algorithm: 'RANDOM_SEARCH', params: [{ parameterName: 'lr', type: 'DOUBLE', minValue: 0.0001, maxValue: 0.1, scaleType: 'UNIT_LOG_SCALE' }, { parameterName: 'units', type: 'DISCRETE', discreteValues: [64, 128] }, { parameterName: 'opt', type: 'CATEGORICAL', categoricalValues: ['sgd', 'adam'] }] } } } });
    const failed = await over(ml, `${parent}/jobs/j1`);
    facts.missingPackage = { state: failed.state, error: failed.errorMessage, workers: failed.trainingInput.workerCount };
    const patched = await ml.projects.jobs.patch({ name: `${parent}/jobs/j1`, updateMask: 'labels', requestBody: { labels: { a: 'b' }, etag: failed.etag } });
    facts.stale = await refused(ml.projects.jobs.patch({ name: `${parent}/jobs/j1`, updateMask: 'labels', requestBody: { labels: {}, etag: failed.etag } }));
    facts.jobs = (await ml.projects.jobs.list({ parent, filter: 'state=FAILED', pageSize: 10 })).jobs.map(each => each.jobId);
    await ml.projects.jobs.create({ parent, requestBody: { jobId: 'c1', trainingInput: { scaleTier: 'BASIC', region: 'us-central1', packageUris: [`${folder}/sleeper`], pythonModule: 'sleeper', args: [] } } });
    await ml.projects.jobs.cancel({ name: `${parent}/jobs/c1` });
    facts.cancelled = (await over(ml, `${parent}/jobs/c1`)).state;
    await ml.projects.jobs.getIamPolicy({ resource: `${parent}/jobs/j1` });
    await ml.projects.jobs.setIamPolicy({ resource: `${parent}/jobs/j1`, requestBody: { policy: {} } });
    await ml.projects.jobs.testIamPermissions({ resource: `${parent}/jobs/j1`, requestBody: { permissions: [] } });

    // Operations, locations, configuration.
    const operations = (await ml.projects.operations.list({ name: parent, pageSize: 3 })).operations;
    facts.operations = operations.length;
    facts.nothing = await ml.projects.operations.list({ name: parent, filter: 'nonsense', pageSize: 3 });
    await ml.projects.operations.cancel({ name: operations[0].name });
    await ml.projects.getConfig({ name: parent });
    facts.location = (await ml.projects.locations.list({ parent })).locations[0].name;
    const location = (await ml.projects.locations.get({ name: `${parent}/locations/us-central1` })).name;

    // Studies and trials.
    const studies = ml.projects.locations.studies;
    await studies.create({ parent: location, studyId: 's1', requestBody: { studyConfig: { algorithm: 'RANDOM_SEARCH', metrics: [{ goal: 'MAXIMIZE', metric: 'acc' }], parameters: [{ parameter: 'lr', type: 'DOUBLE', doubleValueSpec: { minValue: 0, maxValue: 1 } }] } } });
    const study = (await studies.get({ name: `${location}/studies/s1` })).name;
    await studies.list({ parent: location });
    const suggestion = await studies.trials.suggest({ parent: study, requestBody: { suggestionCount: 1, clientId: 'c' } });
    await ml.projects.locations.operations.get({ name: suggestion.name });
    await ml.projects.locations.operations.cancel({ name: suggestion.name });
    const trial = suggestion.response.trials[0].name;
    const again = await studies.trials.suggest({ parent: study, requestBody: { suggestionCount: 1, clientId: 'c' } });
    facts.sameTrial = again.response.trials[0].name === trial;
    await studies.trials.addMeasurement({ name: trial, requestBody: { measurement: { stepCount: '1', metrics: [{ metric: 'acc', value: 0.5 }] } } });
    facts.shouldStop = (await studies.trials.checkEarlyStoppingState({ name: trial, requestBody: {} })).response.shouldStop;
    facts.completed = (await studies.trials.complete({ name: trial, requestBody: {} })).finalMeasurement.metrics[0].value;
    const other = (await studies.trials.create({ parent: study, requestBody: { parameters: [{ parameter: 'lr', floatValue: 0.1 }] } })).name;
    await studies.trials.get({ name: other });
    facts.stopped = (await studies.trials.stop({ name: other, requestBody: {} })).state;
    facts.trials = (await studies.trials.list({ parent: study })).trials.length;
    facts.optimal = (await studies.trials.listOptimalTrials({ parent: study, requestBody: {} })).trials.length;
    await studies.trials.delete({ name: other });
    await studies.delete({ name: study });

    // The end.
    await done(ml, await ml.projects.models.versions.delete({ name: `${model}/versions/v1` }));
    await done(ml, await ml.projects.models.versions.delete({ name: `${model}/versions/v2` }));
    await done(ml, await ml.projects.models.delete({ name: model }));
    facts.gone = await refused(ml.projects.models.get({ name: model }));
}

async function main() {
    const client = mode === 'discover'
        ? (await google.discoverAPI(`${rootUrl}discovery/v1/apis/ml/v1/rest`))
        : google.ml({ version: 'v1', rootUrl });
    await story({ projects: watched(client.projects, 'ml.projects') });
    console.log(JSON.stringify({ methods: [...called].sort(), facts }));
}

main().catch(problem => {
    console.error(problem.stack ?? problem);
    process.exit(1);
});
