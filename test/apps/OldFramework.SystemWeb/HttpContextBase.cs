namespace System.Web.Old;

public class HttpApplication;
