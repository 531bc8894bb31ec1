/// All routes of the Manager, family by family.
enum ControlRoutes {
    static let table: RouteTable = RouteTable(
        SystemRoutes.all + WorkloadsRoutes.all + WorkloadRoutes.all + ReadinessRoutes.all + LogRoutes.all
            + TenantRoutes.all + ProjectRoutes.all + CustomBackendRoutes.all + TokenRoutes.all + KeyRoutes.all
            + WorkerRoutes.all + JoinTokenRoutes.all + GatewayRoutes.all + UsageRoutes.all + AuditRoutes.all
            + WorkerLinkRoutes.all
            + GatewayLinkRoutes.all)
}
