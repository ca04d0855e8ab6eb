namespace Capstan.Serving.Tests.Hosting;

/// <summary>
/// The protocols of others, request by request in the forms that their specifications show: tensorflow/serving, g3doc/api_rest.md, and
/// kserve/open-inference-protocol, specification/protocol/inference_rest.md.
/// </summary>
public sealed partial class HttpDialogueTests
{
    const string Columns =
        """{"distance":[2.5,1],"passengers":[1,2],"vendor":["Acme",null],"night":[true,false],"pickup":["2001-03-31T23:59:00","2001-04-01"]}""";

    static readonly string Tensors = """
        {"name":"distance","shape":[2],"datatype":"FP64","data":[2.5,1]},
        {"name":"passengers","shape":[2,1],"datatype":"INT32","data":[[1],[2]]},
        {"data":["Acme","B"],"name":"vendor","datatype":"BYTES","shape":[2],"parameters":{"binary":false}},
        {"name":"night","shape":[2],"datatype":"BOOL","data":[true,false]},
        {"name":"pickup","shape":[2],"datatype":"BYTES","data":["2001-03-31T23:59:00",null]}
        """.Replace("\n", "").Replace("        ", "");

    static readonly (string Method, string Path, string? Body)[] TensorFlowRequests =
    [
        ("GET", "/v1/models/trips/versions/1", null),
        ("GET", "/v1/models/trips/metadata", null),
        ("GET", "/v1/models/late/versions/1/metadata", null),
        ("GET", "/v1/models/trips/versions/7", null),
        ("GET", "/v1/models/trips/labels/stable", null),
        ("POST", "/v1/models/trips/versions/1:predict", $$"""{"signature_name":"serving_default","instances":[{{Good}}]}"""),
        ("POST", "/v1/models/trips:predict", $$"""{"inputs":{{Columns}}}"""),
        ("POST", "/v1/models/trips:predict", $$"""{"signature_name":"serving_default","inputs":{{Columns}}}"""),
        ("POST", "/v1/models/late:predict", $$"""{"inputs":{{Columns}}}"""),
        ("POST", "/v1/models/trips:predict", $$"""{"inputs":{{Columns.Replace("[2.5,1]", "[[2.5],[1]]")}}}"""),
        ("POST", "/v1/models/trips:predict", $$"""{"inputs":{{Columns}},"instances":[]}"""),
        ("POST", "/v1/models/trips:predict", """{"inputs":[1,2]}"""),
        ("POST", "/v1/models/trips:predict", """{"inputs":{"distance":[1]}}"""),
        ("POST", "/v1/models/trips:predict", $$"""{"inputs":{{Columns.Replace("[2.5,1]", "[2.5]")}}}"""),
        ("POST", "/v1/models/trips:predict", $$"""{"inputs":{{Columns.Replace("[2.5,1]", "[[2.5,1],[1,2]]")}}}"""),
        ("POST", "/v1/models/trips:predict", $$"""{"inputs":{{Columns.Replace("distance", "distnace")}}}"""),
        ("POST", "/v1/models/trips:predict", $$"""{"inputs":{{Columns}}"""),
        ("POST", "/v1/models/trips:predict", With("vendor", "{\"b64\":\"QWNtZQ==\"}")),
        ("POST", "/v1/models/late:classify", $$"""{"examples":[{{Good}},{{Good}}]}"""),
        ("POST", "/v1/models/late:classify", $$"""{"instances":[{{Good}}]}"""),
        ("POST", "/v1/models/trips:classify", $$"""{"examples":[{{Good}}]}"""),
        ("POST", "/v1/models/trips:regress", $$"""{"signature_name":"serving_default","examples":[{{Good}},{{Good}}]}"""),
        ("POST", "/v1/models/late:regress", $$"""{"examples":[{{Good}}]}"""),
        ("POST", "/v1/models/broken:regress", $$"""{"examples":[{{Good}}]}"""),
        ("GET", "/v1/models/trips:classify", null),
    ];

    static readonly (string Method, string Path, string? Body)[] InferenceRequests =
    [
        ("GET", "/v2", null),
        ("GET", "/v2/health/live", null),
        ("GET", "/v2/health/ready", null),
        ("GET", "/v2/models/trips", null),
        ("GET", "/v2/models/late/versions/1", null),
        ("GET", "/v2/models/trips/ready", null),
        ("GET", "/v2/models/trips/versions/1/ready", null),
        ("GET", "/v2/models/nobody/ready", null),
        ("POST", "/v2/models/trips/infer", $$"""{"id":"42","inputs":[{{Tensors}}]}"""),
        ("POST", "/v2/models/trips/versions/1/infer", "{\"inputs\":[" + Tensors + "],\"outputs\":[{\"name\":\"prediction\"}],\"parameters\":{\"x\":1}}"),
        ("POST", "/v2/models/late/infer", $$"""{"id":"43","inputs":[{{Tensors}}],"outputs":[{"name":"label"},{"name":"probability"}]}"""),
        ("POST", "/v2/models/late/infer", $$"""{"inputs":[{{Tensors}}],"outputs":[{"name":"score"}]}"""),
        ("POST", "/v2/models/trips/infer", $$"""{"inputs":[{{Tensors.Replace("\"INT32\"", "\"FP32\"")}}]}"""),
        ("POST", "/v2/models/trips/infer", $$"""{"inputs":[{{Tensors.Replace("[2,1]", "[3,1]")}}]}"""),
        ("POST", "/v2/models/trips/infer", $$"""{"inputs":[{{Tensors.Replace("[2,1]", "[1,2]")}}]}"""),
        ("POST", "/v2/models/trips/infer", $$"""{"inputs":[{{Tensors.Replace("\"name\":\"night\",", "")}}]}"""),
        ("POST", "/v2/models/trips/infer", $$"""{"inputs":[{{Tensors}},{{Tensors}}]}"""),
        ("POST", "/v2/models/trips/infer", """{"inputs":[]}"""),
        ("POST", "/v2/models/trips/infer", """{"inputs":{}}"""),
        ("POST", "/v2/models/trips/infer", """{"inputs":[7]}"""),
        ("POST", "/v2/models/trips/infer", "[]"),
        ("POST", "/v2/models/trips/infer", ""),
        ("GET", "/v2/models/trips/infer", null),
        ("GET", "/v2/nothing", null),
    ];

    static readonly (string Method, string Path, string? Body)[] VertexRequests =
    [
        ("POST", "/v1/projects/p/locations/europe-west4/endpoints/trips:predict", $$"""{"parameters":{"confidenceThreshold":0.5},"instances":[{{Good}}]}"""),
        ("POST", "/v1/projects/p/locations/europe-west4/endpoints/late:predict", $$"""{"instances":[{{Good}}]}"""),
        ("POST", "/v1/projects/p/locations/europe-west4/endpoints/trips:rawPredict", $$"""{"instances":[{{Good}}]}"""),
        ("POST", "/v1/projects/p/locations/europe-west4/endpoints/trips:explain", $$"""{"instances":[{{Good}}]}"""),
        ("POST", "/v1/projects/p/locations/europe-west4/endpoints/nobody:predict", $$"""{"instances":[{{Good}}]}"""),
        ("POST", "/v1/projects/p/locations/europe-west4/endpoints/trips:predict", """{"parameters":{}}"""),
        ("POST", "/v1/projects/p/locations/europe-west4/endpoints/", "{}"),
    ];

    [Fact]
    public Task Vertex_AIs_requests_get_the_answers_on_file() => CheckAsync("vertex-dialogue.txt", VertexRequests);

    [Fact]
    public Task TensorFlow_Servings_requests_get_the_answers_on_file() => CheckAsync("tensorflow-dialogue.txt", TensorFlowRequests);

    [Fact]
    public Task The_Open_Inference_Protocols_requests_get_the_answers_on_file() => CheckAsync("inference-dialogue.txt", InferenceRequests);
}
