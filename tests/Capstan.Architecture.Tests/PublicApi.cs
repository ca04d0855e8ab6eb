using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Capstan.Architecture.Tests;

/// <summary>What an assembly offers to its users, one member a line, in an order that does not depend on the compiler.</summary>
static class PublicApi
{
    const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    static readonly NullabilityInfoContext Nullability = new();

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append($"{Kind(type)} {NameOf(type, full: true)}{Ancestors(type)}\n");
            var members = type.IsEnum
                ? type.GetEnumNames().Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name))}")
                : type.GetMembers(Declared).Select(Describe).OfType<string>();
            foreach (var member in members.Distinct().Order(StringComparer.Ordinal))
            {
                text.Append($"    {member}\n");
            }
        }

        return text.ToString();
    }

    static string Kind(Type type) =>
        typeof(MulticastDelegate).IsAssignableFrom(type) ? "delegate"
        : type.IsEnum ? "enum"
        : type.IsInterface ? "interface"
        : type.IsValueType ? "struct"
        : type.IsAbstract && type.IsSealed ? "static class"
        : type.IsAbstract ? "abstract class"
        : type.IsSealed ? "sealed class" : "class";

    static string Ancestors(Type type)
    {
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        var all = type.GetInterfaces().Except(inherited).Where(each => each.IsVisible).Select(each => NameOf(each)).Order(StringComparer.Ordinal);
        var ancestors = type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum)
            ? all.Prepend(NameOf(parent))
            : all;
        return type.IsEnum || !ancestors.Any() ? "" : $" : {string.Join(", ", ancestors)}";
    }

    static string? Describe(MemberInfo member) => member switch
    {
        // What every record has: equality, copying, printing.
        _ when member.IsDefined(typeof(CompilerGeneratedAttribute)) => null,
        FieldInfo field when IsOpen(field.IsPublic, field.IsFamily || field.IsFamilyOrAssembly) =>
            $"{(field.IsStatic ? "static " : "")}{NameOf(field.FieldType)} {field.Name}",
        PropertyInfo property when Accessors(property) is { Length: > 0 } accessors =>
            $"{Modifiers(property.GetAccessors(true)[0])}{Annotated(property)} {property.Name}{Indexes(property)} {{ {accessors}}}",
        EventInfo { AddMethod: { } add } each when IsOpen(add.IsPublic, add.IsFamily) => $"event {NameOf(each.EventHandlerType!)} {each.Name}", // Every event has a type.
        ConstructorInfo { IsStatic: false } constructor when IsOpen(constructor.IsPublic, constructor.IsFamily || constructor.IsFamilyOrAssembly) =>
            $"{(constructor.IsPublic ? "" : "protected ")}new({Parameters(constructor)})",
        MethodInfo method when IsOpen(method.IsPublic, method.IsFamily || method.IsFamilyOrAssembly) &&
            (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) =>
            $"{Modifiers(method)}{Annotated(method.ReturnParameter)} {method.Name}{Generics(method)}({Parameters(method)})",
        _ => null,
    };

    static bool IsOpen(bool isPublic, bool isProtected) => isPublic || isProtected;

    static string Accessors(PropertyInfo property)
    {
        var text = "";
        if (property.GetMethod is { } get && IsOpen(get.IsPublic, get.IsFamily || get.IsFamilyOrAssembly))
        {
            text += "get; ";
        }

        if (property.SetMethod is { } set && IsOpen(set.IsPublic, set.IsFamily || set.IsFamilyOrAssembly))
        {
            text += set.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit") ? "init; " : "set; ";
        }

        return text;
    }

    static string Modifiers(MethodBase method) => (method.IsFamily || method.IsFamilyOrAssembly ? "protected " : "") +
        (method.IsStatic ? "static " : "") +
        (method.DeclaringType!.IsInterface ? "" : method.IsAbstract ? "abstract " : method.IsVirtual && !method.IsFinal ? "virtual " : ""); // A member has a type.

    static string Indexes(PropertyInfo property) => property.GetIndexParameters() is { Length: > 0 } indexes
        ? $"[{string.Join(", ", indexes.Select(index => NameOf(index.ParameterType)))}]" : "";

    static string Generics(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";

    static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{(parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "")}{Annotated(parameter)} {parameter.Name}" +
        $"{(parameter.HasDefaultValue ? $" = {parameter.DefaultValue ?? "null"}" : "")}"));

    static string Annotated(ParameterInfo parameter) => NameOf(parameter.ParameterType) + Mark(parameter.ParameterType, () => Nullability.Create(parameter).ReadState);

    static string Annotated(PropertyInfo property) => NameOf(property.PropertyType) + Mark(property.PropertyType, () => Nullability.Create(property).ReadState);

    static string Mark(Type type, Func<NullabilityState> state) => !type.IsValueType && !type.IsByRef && state() == NullabilityState.Nullable ? "?" : "";

    static string NameOf(Type type, bool full = false)
    {
        if (type.IsByRef)
        {
            return NameOf(type.GetElementType()!); // A reference is to something.
        }

        if (type.IsArray)
        {
            return $"{NameOf(type.GetElementType()!)}[]"; // An array is of something.
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return $"{NameOf(value)}?";
        }

        var name = type.DeclaringType is { } outer && !type.IsGenericParameter ? $"{NameOf(outer)}.{type.Name}" : full ? type.FullName ?? type.Name : type.Name;
        var plain = name.Split('`')[0];
        return type.IsGenericType ? $"{plain}<{string.Join(", ", type.GetGenericArguments().Select(argument => NameOf(argument)))}>" : plain;
    }
}
