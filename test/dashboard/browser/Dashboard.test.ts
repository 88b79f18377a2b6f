/** The dashboard's page in a browser, against the stub server. */
import { dashboardSuite } from "./DashboardSuite.ts"
import { startStub } from "./StubServer.ts"

dashboardSuite("against the stub server", startStub)
