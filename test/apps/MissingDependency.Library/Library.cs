namespace MissingDependency.Library;

public class Base
{
    public static string Greeting => "not reached";
}
