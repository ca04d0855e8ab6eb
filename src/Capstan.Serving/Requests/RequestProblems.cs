using System.Text;
using Capstan.Data;

namespace Capstan.Serving;

/// <summary>The words for everything that can be wrong with a predict request. Off the hot path, so it may allocate.</summary>
static class RequestProblems
{
    const int LongestExcerpt = 40;

    public static Problem EmptyBody() => new(400, "empty_body", "The request has no body",
        "The request has no body; expected {\"instances\": [{…}, …]} with one object of raw columns for each row.");

    public static Problem NotExplainable(string model) => new(400, "not_explainable", "The model can't be explained",
        $"Model '{model}' has nothing that attributes its predictions to columns; ask it with :predict.");

    public static Problem NotUtf8(int offset) => new(400, "invalid_utf8", "The body is not UTF-8",
        $"The body is not valid UTF-8 at byte {offset:N0}; JSON travels as UTF-8. Encode the request again.");

    public static Problem NotJson(string reason, long offset, ReadOnlySpan<byte> body, int? instance, string? field) => new(
        400, "invalid_json", "The body is not JSON",
        UpperFirst($"{Where(instance, field)}the body is not valid JSON at byte {offset:N0}, found " +
            $"'{Excerpt(body[(int)offset..])}': {reason}"),
        instance, field);

    public static Problem NotFinite(string token, int? instance, string? field) => new(
        400, "not_a_number", "NaN and infinities are not numbers",
        UpperFirst($"{Where(instance, field)}found {token}, which JSON does not have and a model does not take. Send " +
            $"a finite number, or null for a missing value."),
        instance, field);

    public static Problem NotAnObject(string found) => new(400, "wrong_type", "A value is of another type",
        $"The body is {found}; expected an object: {{\"instances\": [{{…}}, …]}}.");

    public static Problem NoInstances(ReadOnlySpan<byte> member)
    {
        var name = Encoding.UTF8.GetString(member);
        return new Problem(400, "missing_instances", "The request has no instances",
            $"The body has no member \"{name}\"; expected {{\"{name}\": [{{…}}, …]}} with one object of raw columns for each row.");
    }

    public static Problem InstancesTwice() => new(400, "duplicate_member", "A member appears twice",
        "The body has the member \"instances\" twice; send all rows in one array.");

    public static Problem InstancesNotAnArray(string found) => new(400, "wrong_type", "A value is of another type",
        $"\"instances\" is {found}; expected an array of objects. A single row is an array of one: {{\"instances\": [{{…}}]}}.");

    /// <param name="member">The member that has the rows, in UTF-8.</param>
    public static Problem UnknownMember(string name, ReadOnlySpan<byte> member) => new(
        400, "unknown_member", "The body has an unknown member",
        $"The body has an unknown member \"{Shorten(name)}\"; expected only \"{Encoding.UTF8.GetString(member)}\" and, if wanted, " +
        $"\"signature_name\".");

    public static Problem UnknownSignature(string found) => new(400, "unknown_signature", "The model has no such signature",
        $"\"signature_name\" is {found}; a model has one signature, \"{InstanceReader.SignatureName}\". Send that, or " +
        $"leave the member out.");

    public static Problem InstanceNotAnObject(int instance, string found) => new(400, "wrong_type", "A value is of another type",
        $"{Where(instance, null)}found {found}, expected an object with the model's raw columns as fields.", instance);

    public static Problem UnknownField(int instance, string name, Schema inputs) => new(
        400, "unknown_field", "An instance has an unknown field",
        $"{Where(instance, null)}{LowerFirst(new UnknownColumnException(Shorten(name), inputs.Names).Message)}",
        instance, Shorten(name));

    public static Problem NotAnObjectOfColumns(int instance, string name, string found) => new(
        400, "wrong_type", "A value is of another type",
        $"{Where(instance, Shorten(name))}found {found}, expected an object with the columns '{Shorten(name)}.…' as fields, " +
        $"or null where all of them are missing.", instance, Shorten(name));

    public static Problem MissingField(int instance, Field field) => new(400, "missing_field", "An instance lacks a field",
        $"{Where(instance, null)}the field '{field.Name}' ({Schema.NameOf(field.Type)}) is absent. Send it; null says " +
        $"that its value is missing.",
        instance, field.Name);

    public static Problem DuplicateField(int instance, string name) => new(
        400, "duplicate_field", "An instance has a field twice",
        $"{Where(instance, null)}the field '{Shorten(name)}' appears twice; send one value.", instance, name);

    public static Problem WrongType(int instance, Field field, string found) => new(
        400, "wrong_type", "A value is of another type",
        $"{Where(instance, field.Name)}found {found}, expected {Expectation(field.Type)}, or null for a missing " +
        $"value.", instance, field.Name);

    public static Problem OutOfRange(int instance, Field field, string found) => new(
        400, "out_of_range", "A number is out of range",
        $"{Where(instance, field.Name)}found {found}, which is beyond the range of " +
        $"{(field.Type == DataType.Int64 ? "a 64-bit integer" : "a double-precision number")}.",
        instance, field.Name);

    public static Problem InvalidText(int? instance, string? field) => new(400, "invalid_text", "A text is not Unicode",
        UpperFirst($"{Where(instance, field)}an escape sequence stands for half a character (a lone surrogate); send " +
            $"whole characters."), instance, field);

    public static Problem UnknownInput(string name, Schema inputs) => new(
        400, "unknown_field", "An instance has an unknown field",
        new UnknownColumnException(Shorten(name), inputs.Names).Message, Field: Shorten(name));

    public static Problem InputTwice(string name) => new(
        400, "duplicate_field", "An instance has a field twice", $"The input '{name}' appears twice; send it once.", Field: name);

    public static Problem MissingInput(Field field) => new(
        400, "missing_field", "An instance lacks a field",
        $"The input '{field.Name}' ({Schema.NameOf(field.Type)}) is absent. Send a value for each row; null says that it is missing.",
        Field: field.Name);

    public static Problem InputNotAnArray(string name, string found) => new(
        400, "wrong_type", "A value is of another type",
        $"The input '{name}' is {found}, expected an array with a value for each row.", Field: name);

    public static Problem InputsNotAnObject(string found) => new(
        400, "wrong_type", "A value is of another type",
        $"\"inputs\" is {found}; expected an object of columns: {{\"inputs\": {{\"NAME\": [value, …], …}}}}.");

    public static Problem NotOneValue(int row, string name) => new(
        400, "wrong_shape", "A tensor has another shape",
        $"{Where(row, name)}found an array that does not hold one value; an input has one value for each row.", row, name);

    public static Problem UnevenInputs(string first, int rows, string other, int otherRows) => new(
        400, "wrong_shape", "A tensor has another shape",
        $"The input '{first}' has {rows:N0} rows and '{other}' has {otherRows:N0}; all need the same number.", Field: other);

    public static Problem WrongShape(string name, int stated, int found) => new(
        400, "wrong_shape", "A tensor has another shape",
        $"The input '{name}' says {stated:N0} rows and has {found:N0} values; expected one for each row.", Field: name);

    public static Problem WrongDatatype(string name, string found, string expected) => new(
        400, "wrong_type", "A value is of another type",
        $"The input '{name}' has the datatype {Shorten(found)}, expected {expected} or one that fits into it.", Field: name);

    public static Problem IncompleteTensor(string? name) => new(
        400, "invalid_tensor", "A tensor is not complete",
        $"The input {(name is null ? "without a name" : $"'{Shorten(name)}'")} needs \"name\", \"datatype\", a \"shape\" of [rows] or [rows, 1], and \"data\" " +
        $"as an array.", Field: name);

    public static Problem NotInference(string found) => new(
        400, "invalid_inference", "The body is no inference request",
        $"The body has {found}; expected {{\"inputs\": [{{\"name\": …, \"datatype\": …, \"shape\": [rows], \"data\": […]}}, …]}}.");

    public static Problem UnknownOutput(string name, IEnumerable<string> outputs) => new(
        400, "unknown_output", "The model has no such output",
        $"The model has no output '{Shorten(name)}'; it has {string.Join(", ", outputs)}.");

    public static Problem BrokenMessage(string found) => new(
        400, "invalid_message", "The body is not a message of the protocol",
        $"The message is no protobuf: {found}. Send what the protocol's .proto file describes.");

    public static Problem BrokenCsv(int row, string found) => new(
        400, "invalid_csv", "A row is no CSV",
        $"{Where(row, null)}found {found}. A field with a comma, a quote or a line end stands in quotes, and a quote in it is doubled.", row);

    public static Problem BrokenCsvHeader() => new(
        400, "invalid_csv", "A row is no CSV", "The header has quotes that do not enclose a whole field.");

    public static Problem UnknownDatatype(string name, string found) => new(
        400, "wrong_type", "A value is of another type",
        $"The input '{name}' has the datatype '{Shorten(found)}'; expected one of BOOL, UINT8 to UINT64, INT8 to INT64, FP16, FP32, FP64 " +
        $"and BYTES.", Field: name);

    public static Problem WrongTensorShape(string name, string found) => new(
        400, "wrong_shape", "A tensor has another shape",
        $"The input '{name}' has the shape [{found}], expected [rows] or [rows, 1]; of a column of lists [rows, texts of each].", Field: name);

    public static Problem WrongElementCount(string name, long stated, string found) => new(
        400, "wrong_shape", "A tensor has another shape",
        $"The input '{name}' has a shape of {stated:N0} elements and {found}.", Field: name);

    public static Problem RawWithoutInput(int raw, int inputs) => new(
        400, "invalid_tensor", "A tensor is not complete",
        $"There are {raw:N0} raw_input_contents for {inputs:N0} inputs; send one for each, in the same order, or none.");

    public static Problem RawAndContents(string name) => new(
        400, "invalid_tensor", "A tensor is not complete",
        $"The input '{name}' has contents, and there are raw_input_contents; send all inputs the one way or the other.", Field: name);

    public static Problem NotUtf8Text(int row, string name) => new(
        400, "invalid_utf8", "A text is not UTF-8", $"{Where(row, name)}the bytes are not valid UTF-8; a text travels as UTF-8.", row, name);

    public static Problem NotFiniteElement(int row, string name, double found) => new(
        400, "not_a_number", "NaN and infinities are not numbers",
        $"{Where(row, name)}found {found}, which a model does not take. Send a finite number, or name the row in the input's parameter " +
        $"\"missing\".", row, name);

    public static Problem WrongMissingRow(string name, string found, int rows) => new(
        400, "wrong_type", "A value is of another type",
        $"The input '{name}' has the parameter \"missing\" with '{Shorten(found)}'; expected row numbers from 0 to {rows - 1}, as a text " +
        $"such as \"0,3\" or one int64.", Field: name);

    public static Problem TooManyOutputs(string name) => new(
        400, "unknown_output", "The model has no such output",
        $"The output '{Shorten(name)}' is asked for twice, or is one of more than any model has; name each once, or none for all.");

    public static Problem NotClassifier(string model) => new(
        400, "not_a_classifier", "The model does not classify",
        $"Model '{model}' predicts a number; ask it with :regress or :predict.");

    public static Problem NotRegressor(string model) => new(
        400, "not_a_regressor", "The model does not predict a number",
        $"Model '{model}' is a classifier; ask it with :classify or :predict.");

    /// <summary>The text of a token for a message, shortened to what a person reads.</summary>
    public static string Excerpt(ReadOnlySpan<byte> utf8) =>
        Shorten(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * LongestExcerpt)]));

    public static string Shorten(string text) => text.Length <= LongestExcerpt ? text : text[..LongestExcerpt] + "…";

    static string Expectation(DataType type) => type switch
    {
        DataType.Int64 => "an integer without quotes",
        DataType.Float64 => "a number without quotes",
        DataType.Boolean => "true or false",
        DataType.Timestamp => "a timestamp as ISO 8601 text, such as \"2001-03-31T23:59:00\"",
        DataType.TextList => "an array of texts in quotes",
        _ => "text in quotes",
    };

    static string Where(int? instance, string? field) => (instance, field) switch
    {
        (null, _) => "",
        (_, null) => $"Instance {instance}: ",
        _ => $"Instance {instance}, field '{field}': ",
    };

    static string UpperFirst(string sentence) => char.ToUpperInvariant(sentence[0]) + sentence[1..];

    static string LowerFirst(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..];
}
